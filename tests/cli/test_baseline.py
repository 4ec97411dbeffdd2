"""`logdiag analyze` with known findings: written, hidden, worse, stale, wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from logs import log_text, write_log

from logdiag.main import main
from logparse.renderers.as_json import schema

FIRES = ["--select", "BASE002,LOG003"]


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A log with an error, in the current folder; nothing is configured."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "logdiag.toml").write_text("")
    return write_log(tmp_path)


def told(arguments: list[str], capfd: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = main(["analyze", "run.log", *FIRES, *arguments])
    out, err = capfd.readouterr()
    return code, out, err


def written(capfd: pytest.CaptureFixture[str], name: str = "known.json") -> None:
    code, out, err = told(["--write-baseline", name], capfd)
    assert code == 0
    assert "BASE002 worse-than-persistence" in out
    assert err == f"logdiag: 1 known finding of 1 run written to {name}\n"


@pytest.mark.usefixtures("log")
def test_what_is_written_is_hidden_and_counted(capfd: pytest.CaptureFixture[str]) -> None:
    assert told([], capfd)[0] == 1
    written(capfd)
    code, out, err = told(["--baseline", "known.json", "--fail-on", "note"], capfd)
    assert (code, err) == (0, "")
    assert "BASE002" not in out
    assert "no new symptom found by the 2 checks that ran" in out
    assert "1 known finding hidden (baseline known.json)" in out
    assert told(["--baseline", "known.json", "-q"], capfd) == (0, "", "")


def test_json_holds_what_is_hidden_apart(log: Path, capfd: pytest.CaptureFixture[str]) -> None:
    written(capfd)
    document = json.loads(told(["--baseline", "known.json", "--format", "json"], capfd)[1])
    Draft202012Validator(schema()).validate(document)
    (run,) = document["runs"]
    assert run["findings"] == []
    assert [(one["code"], one["severity"]) for one in run["known"]] == [("BASE002", "error")]
    assert document["baseline"] == {"file": "known.json", "stale": []}
    document = json.loads(told(["--format", "json"], capfd)[1])
    assert document["baseline"] is None
    assert document["runs"][0]["known"] == []


def test_a_new_run_in_the_same_log_is_news(log: Path, capfd: pytest.CaptureFixture[str]) -> None:
    written(capfd)
    log.write_text(log_text() + log_text().replace("2025-11-03T11", "2025-11-04T11"))
    code, out, _ = told(["--baseline", "known.json", "--run", "all"], capfd)
    assert code == 1
    assert out.count("error    BASE002") == 1
    assert "2 runs shown in full · 1 finding · 1 known finding hidden" in out
    assert told(["--baseline", "known.json", "--run", "1"], capfd)[0] == 0


def test_the_configuration_may_name_the_file(log: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (log.parent / "logdiag.toml").write_text('baseline = "ci/known.json"')
    (log.parent / "ci").mkdir()
    missing = "logdiag: ci/known.json: no such file or directory; --write-baseline "
    code, out, err = told([], capfd)
    assert (code, out) == (2, "") and err.startswith(missing) and err.count("\n") == 1
    written(capfd, "ci/known.json")
    assert told([], capfd)[0] == 0
    assert told(["--isolated"], capfd)[0] == 1
    # Written again, nothing is lost of what the file itself hides.
    written(capfd, "ci/known.json")
    written(capfd, "other.json")
    assert told(["--baseline", "other.json", "-q"], capfd)[:2] == (0, "")


def test_what_got_worse_is_shown(log: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (log.parent / "logdiag.toml").write_text('[rules.BASE002]\nseverity = "warning"')
    written(capfd)
    assert told(["--baseline", "known.json", "--fail-on", "note"], capfd)[0] == 0
    code, out, _ = told(["--baseline", "known.json", "--isolated"], capfd)
    assert code == 1
    assert "error    BASE002" in out


def test_stale_entries_are_told_on_stderr(log: Path, capfd: pytest.CaptureFixture[str]) -> None:
    written(capfd)
    log.write_text(log_text(persistence=0.9))
    code, out, err = told(["--baseline", "known.json", "-q"], capfd)
    assert (code, out) == (0, "")
    run = "run.log 2025-11-03T11:48:00.611142Z BASE002"
    assert err == f"logdiag: known.json: 1 entry is stale, --write-baseline renews it: {run}\n"
    code = main(["analyze", "run.log", "--select", "LOG003", "--baseline", "known.json", "-q"])
    assert (code, capfd.readouterr().err) == (0, "")
    entries = {f"2024-01-0{day}T00:00:00Z": {"LR001": "note"} for day in range(1, 6)}
    document = json.loads(Path("known.json").read_text())
    document["logs"]["run.log"] |= entries
    Path("known.json").write_text(json.dumps(document))
    err = told(["--baseline", "known.json", "-q"], capfd)[2]
    assert err.startswith("logdiag: known.json: 6 entries are stale, ")
    assert err.endswith("; and 3 more\n") and err.count("\n") == 1


@pytest.mark.parametrize("text", ["", "{}", "[", "\x1b[2J", '{"format": "logdiag-baseline"}'])
def test_a_file_that_is_no_baseline_is_one_line_and_code_2(
    log: Path, text: str, capfd: pytest.CaptureFixture[str]
) -> None:
    (log.parent / "known.json").write_text(text)
    code, out, err = told(["--baseline", "known.json"], capfd)
    assert (code, out) == (2, "")
    assert err.startswith("logdiag: known.json: no baseline file: ")
    assert err.count("\n") == 1 and "\x1b" not in err


def test_nothing_that_is_no_baseline_is_overwritten(
    log: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    other = log.parent / "other.log"
    other.write_text(log_text())
    for name in ("other.log", "run.log"):
        code, out, err = told(["--write-baseline", name], capfd)
        assert (code, out) == (2, "")
        assert err == (
            f"logdiag: {name} is there and is no baseline file: name another, or remove it\n"
        )
    assert other.read_text() == log.read_text() == log_text()
    written(capfd)
    for option in ("--baseline", "--write-baseline"):
        code, out, err = told([option, "known.json", "-o", "known.json"], capfd)
        assert (code, out) == (2, "")
        assert "known.json is what was read: write the result to another file\n" in err
    assert json.loads(Path("known.json").read_text())["format"] == "logdiag-baseline"


@pytest.mark.usefixtures("log")
def test_both_flags_at_once_are_refused(capfd: pytest.CaptureFixture[str]) -> None:
    code, _, err = told(["--baseline", "a.json", "--write-baseline", "b.json"], capfd)
    assert code == 2
    assert "give one" in err
    assert not Path("b.json").exists()


@pytest.mark.usefixtures("log")
def test_what_could_not_be_judged_keeps_its_code(capfd: pytest.CaptureFixture[str]) -> None:
    code, _, err = told(["missing.log", "--write-baseline", "known.json"], capfd)
    assert code == 2
    assert "missing.log: no such file" in err
    assert Path("known.json").exists()
    code = main(["analyze", "missing.log", "--write-baseline", "empty.json"])
    assert code == 2
    assert not Path("empty.json").exists()
    assert "empty.json is not written: no run was read" in capfd.readouterr().err
