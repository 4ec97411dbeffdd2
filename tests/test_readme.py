"""The README is true: its outputs are what the commands print, its Python runs."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONSOLE = re.findall(r"```console\n\$ (.+?)\n(.*?)```", README, re.DOTALL)
SHELL = [
    line.partition("  #")[0].strip()
    for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    for line in block.splitlines()
    if line.startswith("logdiag ")
]


def told(command: str) -> subprocess.CompletedProcess[str]:
    program, *arguments = shlex.split(command)
    assert program == "logdiag"
    return subprocess.run(
        [sys.executable, "-m", "logdiag", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONUTF8": "1"},
    )


@pytest.mark.parametrize(("command", "output"), CONSOLE)
def test_the_output_shown_is_the_output_printed(command: str, output: str) -> None:
    assert told(command).stdout == output


@pytest.mark.parametrize("command", SHELL)
def test_every_command_shown_is_one_that_exists(command: str) -> None:
    """On a log that is not there: 2 and one line, but never a usage error."""
    done = told(command)
    assert "Usage" not in done.stderr and "unknown" not in done.stderr
    assert done.returncode in (0, 2)


def test_there_are_commands_and_outputs() -> None:
    assert CONSOLE and len(SHELL) >= 8


def test_the_python_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    monkeypatch.chdir(ROOT)
    exec(code, {})
    assert "LR001" in capsys.readouterr().out


def test_ci_runs_the_second_command() -> None:
    commands = [line for line in README.splitlines() if line.startswith("python3 -m venv")]
    assert len(commands) == 2
    assert commands[1] in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
