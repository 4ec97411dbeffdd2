"""Configuration files under `logdiag`: found, named, left out; shown; wrong."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from logs import write_log
from program import environment, run_program

from logdiag.main import main
from logparse.rules import find_rule

CONFIGURATION = """\
select = ["BASE", "LOG003"]
fail-on = "never"
[rules.worse-than-persistence]
severity = "note"
sigmas = 1
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a log whose BASE002 is an error, and a configuration."""
    monkeypatch.chdir(tmp_path)
    write_log(tmp_path)
    Path("logdiag.toml").write_text(CONFIGURATION)
    return tmp_path


def told(arguments: list[str], capfd: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = main(arguments)
    out, err = capfd.readouterr()
    return code, out, err


def briefly(options: list[str], capfd: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Exit code and the findings of the log, `severity CODE` each."""
    code, out, err = told(["analyze", "run.log", "-q", *options], capfd)
    assert err == ""
    words = [line.split(": ")[1].split()[:2] for line in out.splitlines()]
    return code, ", ".join(" ".join(two) for two in words)


@pytest.mark.usefixtures("project")
def test_the_file_decides_and_flags_beat_it(capfd: pytest.CaptureFixture[str]) -> None:
    assert briefly([], capfd) == (0, "note BASE002")
    assert briefly(["--fail-on", "note"], capfd) == (1, "note BASE002")
    assert briefly(["--fail-on", "error"], capfd) == (0, "note BASE002")
    assert briefly(["--ignore", "BASE002"], capfd) == (0, "")
    assert briefly(["--select", "LOG001"], capfd) == (0, "")
    assert briefly(["--select", "LOG001", "--extend-select", "BASE002"], capfd)[1] != ""
    assert briefly(["--isolated", "--select", "BASE002"], capfd) == (1, "error BASE002")


def test_another_file_is_named(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (project / "ci.toml").write_text('[rules.BASE002]\nseverity = "warning"')
    assert briefly(["--config", "ci.toml", "--select", "BASE"], capfd) == (0, "warning BASE002")
    (project / "pyproject.toml").write_text('[tool.logdiag]\nselect = ["LOG"]')
    assert briefly(["--config", "pyproject.toml"], capfd) == (0, "note LOG006")


def test_the_file_is_searched_from_the_current_folder_not_from_the_log(
    project: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = project / "inner"
    inner.mkdir()
    monkeypatch.chdir(inner)
    code, out, _ = told(["analyze", "../run.log", "-q"], capfd)
    assert (code, "note BASE002" in out) == (0, True)
    (inner / "logdiag.toml").write_text('select = ["LOG001"]')
    assert told(["analyze", "../run.log", "-q"], capfd) == (0, "", "")
    monkeypatch.chdir(project)
    assert briefly([], capfd) == (0, "note BASE002")


def test_rules_are_ignored_by_path(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (project / "old").mkdir()
    write_log(project / "old", "old.log")
    with (project / "logdiag.toml").open("a") as file:
        file.write('[per-path-ignores]\n"old/*" = ["BASE002"]\n')
    code, out, _ = told(["analyze", ".", "-q"], capfd)
    assert (code, out.count("\n")) == (0, 1)
    assert out.startswith("./run.log:")
    _, out, _ = told(["analyze", ".", "--format", "json"], capfd)
    checks = [{check["code"] for check in run["checks"]} for run in json.loads(out)["runs"]]
    assert [("BASE002" in codes, "BASE001" in codes) for codes in checks] == [
        (False, True),
        (True, True),
    ]


@pytest.mark.parametrize("command", [["analyze", "run.log"], ["config"], ["explain", "LR001"]])
@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("selct = []", "logdiag.toml: unknown key 'selct'; did you mean select?"),
        ("[rules.LR001]\nmin_z = '2'", "rules.LR001.min_z: expected a number, not a text"),
        ("[rules.early-lr-dorp]", "unknown rule 'early-lr-dorp'; did you mean early-lr-drop?"),
        ("select = [\x1b]", "logdiag.toml: no TOML: "),
    ],
)
def test_a_wrong_file_is_one_line_and_code_2(
    project: Path,
    command: list[str],
    text: str,
    line: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    (project / "logdiag.toml").write_text(text)
    code, out, err = told(command, capfd)
    assert (code, out) == (2, "")
    assert line in err
    assert err.startswith("logdiag: ") and err.count("\n") == 1 and "\x1b" not in err
    assert told([*command, "--isolated"], capfd)[0] != 2


@pytest.mark.usefixtures("project")
def test_misuse_of_the_flags_is_code_2(capfd: pytest.CaptureFixture[str]) -> None:
    assert told(["analyze", "run.log", "--config", "no.toml"], capfd) == (
        2,
        "",
        "logdiag: no.toml: no such file or directory\n",
    )
    code, _, err = told(["config", "--config", "logdiag.toml", "--isolated"], capfd)
    assert code == 2 and "give one" in err
    code, _, err = told(["analyze", "run.log", "--extend-select", "LR01"], capfd)
    assert code == 2 and "did you mean LR001?" in err
    code, _, err = told(["analyze", "run.log", "--ignore", "BASE"], capfd)
    assert code == 0
    code, _, err = told(["analyze", "run.log", "--ignore", "BASE,LOG"], capfd)
    assert code == 2 and "every selected rule is ignored" in err


@pytest.mark.usefixtures("project")
def test_config_says_where_the_configuration_is(capfd: pytest.CaptureFixture[str]) -> None:
    code, out, err = told(["config"], capfd)
    assert (code, err) == (0, "")
    assert out.startswith("logdiag.toml · ") and "1 configured" in out
    assert told(["config", "--isolated"], capfd)[1].startswith("no configuration file · ")


@pytest.mark.usefixtures("project")
def test_config_shows_what_is_in_effect(capfd: pytest.CaptureFixture[str]) -> None:
    code, out, err = told(["config", "--show"], capfd)
    assert (code, err) == (0, "")
    shown = tomllib.loads(out)
    assert (shown["select"], shown["fail-on"]) == (["BASE", "LOG003"], "never")
    own = shown["rules"]["BASE002"]
    assert (own["severity"], own["sigmas"]) == ("note", 1.0)
    assert 'severity = "note"  # logdiag.toml, default "error"\n' in out
    assert "sigmas = 1.0  # logdiag.toml, default 2.0\n" in out
    told_to_programs = json.loads(told(["config", "--show", "--format", "json"], capfd)[1])
    assert told_to_programs["file"] == "logdiag.toml"
    assert told_to_programs["rules"]["BASE002"]["options"]["sigmas"]["value"] == 1.0
    defaults = tomllib.loads(told(["config", "--show", "--isolated"], capfd)[1])
    assert defaults["fail-on"] == "error" and "select" not in defaults


@pytest.mark.usefixtures("project")
def test_explain_tells_what_the_configuration_changes(capfd: pytest.CaptureFixture[str]) -> None:
    _, out, _ = told(["explain", "BASE002"], capfd)
    first = "BASE002 worse-than-persistence  note  (logdiag.toml; default error)\n"
    assert out.startswith(first)
    assert "  sigmas = 1.0  (logdiag.toml; default 2.0)\n" in out
    _, out, _ = told(["explain", "BASE002", "--isolated"], capfd)
    assert out.startswith("BASE002 worse-than-persistence  error\n")
    assert "  sigmas = 2.0\n" in out


def test_a_crash_with_changed_options_says_how_to_go_back(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (project / "logdiag.toml").write_text("[rules.LOG001]\nmax_gaps_shown = 7")
    rule = type(find_rule("LOG001"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rule, "check", lambda *_: 1 / 0)
        code, out, _ = told(["analyze", "run.log", "--select", "LOG001"], capfd)
        assert code == 2
        assert "TOOL001 rule-crashed" in out
        assert "put max_gaps_shown of LOG001 back to the default" in out
        _, out, _ = told(["analyze", "run.log", "--select", "LOG001", "--isolated"], capfd)
        assert "back to the default" not in out


def test_a_folder_that_is_gone_has_no_configuration(tmp_path: Path) -> None:
    log, gone = write_log(tmp_path), tmp_path / "gone"
    gone.mkdir()
    (tmp_path / "logdiag.toml").write_text("selct = 3")
    assert run_program(["config"], cwd=gone).returncode == 2
    command = [sys.executable, "-m", "logdiag", "analyze", str(log), "--select", "BASE002", "-q"]
    done = subprocess.run(
        ["sh", "-c", 'rmdir "$PWD" && exec "$@"', "sh", *command],
        cwd=gone,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "")
