"""`logdiag analyze --format markdown|sarif|github`: streams, files, GitHub Actions, exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator
from logs import log_text, write_log
from program import run_program

from logdiag.main import main

FIRES = ["--select", "BASE002"]
FORMATS = ("markdown", "sarif", "github")
SCHEMA = Path(__file__).parents[1] / "data" / "sarif-schema-2.1.0.json"


@pytest.fixture(autouse=True)
def _outside_of_actions(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE"):
        monkeypatch.delenv(name, raising=False)


def told(arguments: list[Any], capfd: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of `logdiag analyze` with the arguments."""
    code = main(["analyze", *map(str, arguments)])
    out, err = capfd.readouterr()
    return code, out, err


def sarif_run(text: str) -> Any:
    document = json.loads(text)
    Draft4Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(document)
    return document["runs"][0]


@pytest.mark.parametrize("format", FORMATS)
def test_the_exit_code_is_that_of_the_findings_whatever_the_format(
    tmp_path: Path, format: str, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write_log(tmp_path)
    code, out, err = told([path, *FIRES, "--format", format], capfd)
    assert (code, err) == (1, "")
    assert "BASE002" in out
    assert told([path, "--select", "LOG001", "--format", format], capfd)[0] == 0


@pytest.mark.parametrize("format", FORMATS)
def test_a_file_takes_the_report(
    tmp_path: Path, format: str, capfd: pytest.CaptureFixture[str]
) -> None:
    path, target = write_log(tmp_path), tmp_path / "report"
    _, out, _ = told([path, *FIRES, "--format", format], capfd)
    assert told([path, *FIRES, "--format", format, "-o", target], capfd) == (1, "", "")
    assert target.read_text(encoding="utf-8") == out


def test_paths_are_relative_to_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ein Lauf").mkdir()
    write_log(tmp_path / "ein Lauf", "größe.log")
    monkeypatch.chdir(tmp_path)
    for source in ("ein Lauf", tmp_path / "ein Lauf"):
        _, out, _ = told([source, *FIRES, "--format", "sarif"], capfd)
        (result,) = sarif_run(out)["results"]
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "ein%20Lauf/gr%C3%B6%C3%9Fe.log"
        line = place["region"]["startLine"]
        assert (tmp_path / "ein Lauf" / "größe.log").read_text().splitlines()[line - 1][:3] == "E12"
        _, out, _ = told([source, *FIRES, "--format", "github"], capfd)
        assert out.startswith(f"::error file=ein Lauf/größe.log,line={line},title=BASE002 ")


def test_paths_are_relative_to_the_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "sub").mkdir()
    write_log(tmp_path / "sub")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    monkeypatch.chdir(tmp_path / "sub")
    _, out, _ = told(["run.log", *FIRES, "--format", "github"], capfd)
    assert out.startswith("::error file=sub/run.log,line=")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path / "elsewhere"))
    _, out, _ = told(["run.log", *FIRES, "--format", "github"], capfd)
    assert out.startswith("::error file=run.log,line=")


def test_the_summary_of_a_step_is_appended_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    path, summary = write_log(tmp_path), tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    _, markdown, _ = told([path, *FIRES, "--format", "markdown"], capfd)
    assert not summary.exists()
    assert told([path, *FIRES, "--format", "github"], capfd)[0] == 1
    assert summary.read_text(encoding="utf-8") == markdown
    summary.write_text("before")
    told([path, "--select", "LOG001", "--format", "github"], capfd)
    text = summary.read_text(encoding="utf-8")
    assert text.startswith("before\n## logdiag: no symptom found in 1 run\n")


def test_a_summary_that_cannot_be_written_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write_log(tmp_path)
    for name in (str(tmp_path), str(tmp_path / "no" / "summary.md")):
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", name)
        code, out, err = told([path, *FIRES, "--format", "github"], capfd)
        assert code == 1 and out.startswith("::error ")
        assert err.startswith(f"logdiag: cannot write the step's summary {name}: ")
        assert err.count("\n") == 1


def test_a_summary_stays_within_what_github_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    path, summary = write_log(tmp_path), tmp_path / "summary.md"
    summary.write_text("x" * ((1 << 20) - 1300))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    assert told([path, *FIRES, "--format", "github"], capfd)[2] == ""
    text = summary.read_text(encoding="utf-8")
    assert "## logdiag: 1 error in 1 run" in text
    assert "**Left out for length:** 1 finding;" in text
    assert len(text) <= 1 << 20
    summary.write_text("x" * ((1 << 20) - 10))
    code, _, err = told([path, *FIRES, "--format", "github"], capfd)
    assert (code, err) == (1, f"logdiag: cannot write the step's summary {summary}: it is full\n")
    assert summary.stat().st_size == (1 << 20) - 10


def test_a_name_of_a_file_is_no_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_log(tmp_path, "a\n::error::b.log")
    code, out, err = told([".", "##[add-mask]x\n::error::y", *FIRES, "--format", "github"], capfd)
    assert code == 2
    assert "##[" not in out + err and out.count("\n") == 2 and err.count("\n") == 1
    assert not [line for line in err.splitlines() if line.lstrip().startswith("::")]
    first, second = out.splitlines()
    assert first.startswith("::error file=## [add-mask]x\\n%3A%3Aerror%3A%3Ay,title=logdiag")
    assert second.startswith("::error file=a\\n%3A%3Aerror%3A%3Ab.log,line=")


def test_a_missing_file_beside_a_good_one(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path, missing = write_log(tmp_path), tmp_path / "missing.log"
    code, out, err = told([missing, path, *FIRES, "--format", "sarif"], capfd)
    run = sarif_run(out)
    assert (code, err) == (2, f"logdiag: {missing}: no such file\n")
    assert [result["ruleId"] for result in run["results"]] == ["BASE002"]
    assert run["invocations"][0]["executionSuccessful"] is False
    code, out, _ = told([missing, path, *FIRES, "--format", "github"], capfd)
    assert code == 2
    assert [line.partition(" ")[0] for line in out.splitlines()] == ["::error", "::error"]
    code, out, _ = told([missing, "--format", "sarif"], capfd)
    assert code == 2
    assert sarif_run(out)["results"] == []


@pytest.mark.parametrize("format", FORMATS)
def test_the_runs_asked_for_are_those_of_the_exit_code(
    tmp_path: Path, format: str, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "two.log"
    path.write_text(log_text(12) + log_text(12, persistence=0.9))
    found = "#### error BASE002" if format == "markdown" else "Repeating the last value beats"
    for options, is_found in ((["--run", "1"], True), (["--run", "all"], True), ([], False)):
        code, out, _ = told([path, *FIRES, *options, "--format", format], capfd)
        assert (code, found in out) == (int(is_found), is_found)
    code, out, err = told([path, *FIRES, "--run", "3", "--format", format], capfd)
    assert (code, err) == (2, f"logdiag: {path}: no run 3, it has 2 runs\n")
    assert "no run 3, it has 2 runs" in out


def test_standard_input_and_a_stream_without_utf8() -> None:
    for format in FORMATS:
        done = run_program(
            ["analyze", "-", *FIRES, "--format", format], stdin=log_text(), PYTHONIOENCODING="ascii"
        )
        assert (done.returncode, done.stderr) == (1, "")
        assert done.stdout.isascii() and "BASE002" in done.stdout
    done = run_program(["analyze", "-", *FIRES, "--format", "github"], stdin=log_text())
    assert done.stdout.startswith("::error title=BASE002 ")
    named = ["analyze", "-", *FIRES, "--format", "github", "--stdin-name", "a b.log"]
    assert run_program(named, stdin=log_text()).stdout.startswith("::error file=a b.log,line=")
