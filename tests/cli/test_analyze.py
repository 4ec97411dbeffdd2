"""`logdiag analyze` over real log files: exit codes, streams, selection, files."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from logs import log_text, write_log
from program import run_program

from logdiag.main import main
from logparse.renderers.as_json import schema

FIRES = ["--select", "BASE002"]


def told(arguments: list[str], capfd: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of `logdiag analyze` with the arguments."""
    code = main(["analyze", *arguments])
    out, err = capfd.readouterr()
    return code, out, err


def test_a_finding_is_code_1_and_its_place_is_printed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write_log(tmp_path)
    code, out, err = told([str(path), *FIRES], capfd)
    assert (code, err) == (1, "")
    assert out.startswith(str(path))
    assert "run-log F2" in out
    assert "BASE002 worse-than-persistence" in out
    assert "next  logdiag explain BASE002" in out


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--select", "BASE002"], 1),
        (["--select", "BASE002", "--fail-on", "never"], 0),
        (["--select", "LOG001"], 0),
        (["--select", "BASE002,LOG001", "--ignore", "BASE002"], 0),
        (["--select", "LOG003"], 0),
        (["--select", "LOG003", "--fail-on", "note"], 1),
        (["--select", "LOG003", "--fail-on", "warning"], 0),
    ],
)
def test_the_exit_code_is_about_severity(
    tmp_path: Path, options: list[str], code: int, capfd: pytest.CaptureFixture[str]
) -> None:
    log = write_log(tmp_path)
    log.write_text(log.read_text()[:-20])
    assert told([str(log), *options], capfd)[0] == code


def test_a_missing_file_is_one_line_and_wins_over_findings(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "missing.log"
    code, out, err = told([str(missing), str(write_log(tmp_path)), *FIRES], capfd)
    assert code == 2
    assert "BASE002 worse-than-persistence" in out
    assert err.startswith("logdiag: ")
    assert str(missing) in err
    assert err.count("\n") == 1


def test_a_file_that_is_no_log_is_one_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "poem.txt"
    path.write_text("Shall I compare thee\nto a summer's day?\n")
    code, out, err = told([str(path)], capfd)
    assert (code, out) == (2, "")
    assert err.startswith(f"logdiag: {path}: ")
    assert err.count("\n") == 1


def test_json_is_valid_and_alone_on_stdout(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write_log(tmp_path)
    code, out, err = told([str(path), "--format", "json"], capfd)
    document = json.loads(out)
    Draft202012Validator(schema()).validate(document)
    assert code in (0, 1)
    assert err == ""
    assert document["runs"][0]["epochs"] == {"first": 1, "last": 12, "count": 12}
    assert document["runs"][0]["coverage"]["unparsed"] == 0


def test_exit_code_speaks_of_the_last_run_and_json_of_all(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "two.log"
    path.write_text(log_text(12) + log_text(12, persistence=0.9))
    assert told([str(path), *FIRES], capfd)[0] == 0
    assert told([str(path), *FIRES, "--run", "1"], capfd)[0] == 1
    assert told([str(path), *FIRES, "--run", "-2"], capfd)[0] == 1
    assert told([str(path), *FIRES, "--run", "all"], capfd)[0] == 1
    _, out, _ = told([str(path), *FIRES, "--format", "json"], capfd)
    assert [len(run["findings"]) for run in json.loads(out)["runs"]] == [1, 0]
    code, _, err = told([str(path), *FIRES, "--run", "3"], capfd)
    assert (code, err) == (2, f"logdiag: {path}: no run 3, it has 2 runs\n")


def test_quiet_is_one_line_per_finding(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = write_log(tmp_path)
    code, out, _ = told([str(path), *FIRES, "-q"], capfd)
    assert code == 1
    assert out.startswith(f"{path}:")
    assert out.count("\n") == 1
    assert told([str(path), "--select", "LOG001", "-q"], capfd) == (0, "", "")


def test_unparsed_lines_are_listed_on_demand(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "run.log"
    path.write_text(log_text(3) + "Traceback \x1b[31m(most recent call last):\n")
    assert "--show-unparsed lists them" in told([str(path), "--select", "LOG001"], capfd)[1]
    _, out, _ = told([str(path), "--select", "LOG001", "--show-unparsed"], capfd)
    assert "Traceback" in out
    assert "\x1b" not in out


def test_a_directory_is_walked_in_natural_order(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("run-10.log", "run-9.log"):
        write_log(tmp_path, name)
    _, out, _ = told([str(tmp_path), *FIRES, "-q"], capfd)
    assert [Path(line.split(":")[0]).name for line in out.splitlines()] == [
        "run-9.log",
        "run-10.log",
    ]


def test_an_unknown_rule_is_code_2_with_the_nearest(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code, out, err = told([str(write_log(tmp_path)), "--select", "BASE02"], capfd)
    assert (code, out) == (2, "")
    assert "did you mean BASE002?" in err


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--select", ""], "--select names no rule"),
        (["--select", ","], "--select names no rule"),
        (["--select", "LR", "--ignore", "LR"], "every selected rule is ignored"),
    ],
)
def test_no_rule_at_all_is_code_2(
    tmp_path: Path, options: list[str], why: str, capfd: pytest.CaptureFixture[str]
) -> None:
    code, out, err = told([str(write_log(tmp_path)), *options], capfd)
    assert (code, out) == (2, "")
    assert err == f"logdiag: {why}: there is nothing to judge by\n"


def test_a_run_that_no_check_could_judge_is_code_2(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    header, short = write_log(tmp_path, "header.log", epochs=0), write_log(tmp_path, epochs=2)
    lacking = "nothing was judged: the log has no epochs of this run"
    quiet = told([str(header), "-q", "--select", "LOG003"], capfd)
    assert quiet == (2, "", f"logdiag: {header}: {lacking}\n")
    code, out, err = told([str(short), "--select", "LR"], capfd)
    assert code == 2
    assert err == f"logdiag: {short}: nothing was judged: no check could run\n"
    short.write_text(log_text(2) + log_text(0))
    code, out, err = told([str(short), "--format", "json"], capfd)
    assert (code, err) == (2, f"logdiag: {short}: run 2: {lacking}\n")
    assert json.loads(out)["errors"] == [{"source": str(short), "message": f"run 2: {lacking}"}]


def test_the_report_goes_to_a_file_without_colour(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    target = tmp_path / "report.txt"
    code, out, err = told([str(write_log(tmp_path)), *FIRES, "-o", str(target)], capfd)
    assert (code, out, err) == (1, "", "")
    assert "BASE002" in target.read_text(encoding="utf-8")
    assert "\x1b" not in target.read_text(encoding="utf-8")
    unwritable = str(tmp_path / "no" / "report.txt")
    code, out, err = told([str(write_log(tmp_path)), *FIRES, "-o", unwritable], capfd)
    assert (code, out) == (2, "")
    assert err == f"logdiag: cannot write {unwritable}: No such file or directory\n"


def test_standard_input_has_the_name_it_is_given() -> None:
    done = run_program(["analyze", "-", *FIRES, "-q"], stdin=log_text())
    assert done.returncode == 1
    assert done.stdout.startswith("<stdin>:")
    done = run_program(["analyze", "-", *FIRES, "-q", "--stdin-name", "live.log"], stdin=log_text())
    assert done.stdout.startswith("live.log:")


def test_a_pipe_gets_no_colour_and_ascii_where_it_must(tmp_path: Path) -> None:
    path = tmp_path / "run.log.gz"
    path.write_bytes(gzip.compress(log_text().encode()))
    done = run_program(["analyze", path, *FIRES])
    assert "\x1b" not in done.stdout
    assert "→" in done.stdout
    done = run_program(["analyze", path, *FIRES], PYTHONIOENCODING="ascii", FORCE_COLOR="1")
    assert done.stdout.isascii()
    assert "\x1b[" in done.stdout
    assert done.returncode == 1


def test_the_report_never_takes_the_place_of_a_log(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write_log(tmp_path)
    for source in (path, tmp_path, tmp_path / "r*.log"):
        code, out, err = told([str(source), *FIRES, "-o", str(path)], capfd)
        assert (code, out) == (2, "")
        assert err == f"logdiag: {path} is what was read: write the result to another file\n"
    done = run_program(["analyze", "-", *FIRES, "-o", path], stdin=log_text())
    assert (done.returncode, done.stderr) == (1, "")
    path.write_text(log_text())
    with path.open() as stdin:
        command = [sys.executable, "-m", "logdiag", "analyze", "-", "-o", path]
        assert subprocess.run(command, stdin=stdin, capture_output=True).returncode == 2
    assert path.read_text() == log_text()


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["analyze", ""], "an empty path names no file"),
        (["export", ""], "an empty path names no file"),
        (["analyze", "-"], "<stdin>: the file is empty"),
        (["analyze", "-", "--stdin-name", "live.log"], "live.log: the file is empty"),
    ],
)
def test_a_source_is_named_once(arguments: list[str], line: str) -> None:
    done = run_program(arguments, stdin="")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"logdiag: {line}\n")


def test_a_single_file_is_counted_as_one(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "notes.txt").write_text("notes")
    err = told([str(tmp_path)], capfd)[2]
    assert err == f"logdiag: {tmp_path}: no training log among its 1 file\n"
