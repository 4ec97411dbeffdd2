"""The README is true: its outputs are what the commands print, its Python runs."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from fixtures import tour

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONSOLE = re.findall(r"```console\n\$ (.+?)\n(.*?)```", README, re.DOTALL)
SHELL = [
    line.partition("  #")[0].strip()
    for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    for line in block.splitlines()
    if line.startswith("logdiag ")
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the project's fixtures, and the logs of the tour."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "fixtures").symlink_to(ROOT / "fixtures")
    assert told("logdiag demo demo", folder).returncode == 0
    return folder


def told(command: str, place: Path) -> subprocess.CompletedProcess[str]:
    program, *arguments = shlex.split(command)
    assert program == "logdiag"
    return subprocess.run(
        [sys.executable, "-m", "logdiag", *arguments],
        cwd=place,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONUTF8": "1"},
    )


@pytest.mark.parametrize(("command", "output"), CONSOLE)
def test_the_output_shown_is_the_output_printed(command: str, output: str, place: Path) -> None:
    assert told(command, place).stdout == output


@pytest.mark.parametrize("command", SHELL)
def test_every_command_shown_is_one_that_exists(command: str, place: Path) -> None:
    """On a log that is not there, for which tail would wait: 2 and a line, but no usage error."""
    if command.startswith("logdiag tail "):
        command = command.partition(" ||")[0] + " --once"
    done = told(command, place)
    assert "Usage" not in done.stderr and "unknown" not in done.stderr
    assert done.returncode in (0, 2)


def test_the_block_shown_is_a_part_of_the_block_printed(place: Path) -> None:
    ((command, block),) = re.findall(
        r"From `(logdiag tail .+?)`:\n\n```text\n(.*?)```", README, re.DOTALL
    )
    assert set(block.splitlines()) <= set(told(command, place).stdout.splitlines())


def test_there_are_commands_and_outputs() -> None:
    assert CONSOLE and len(SHELL) >= 8


def test_every_picture_shown_is_there_and_is_what_is_drawn_today(tmp_path: Path) -> None:
    """By the texts in it: other versions of matplotlib may write strokes in another way."""
    shown = set(re.findall(r"!\[[^]]+\]\((docs/pictures/[^)]+)\)", README))
    assert {Path(name).name for name in shown} == {*tour.COMMANDS, "report.png"}
    tour.draw(tmp_path)
    for name in tour.COMMANDS:
        kept = (tour.PICTURES / name).read_text(encoding="utf-8")
        assert texts(kept) == texts((tmp_path / name).read_text(encoding="utf-8"))


def texts(svg: str) -> list[str]:
    """All that can be read in a picture."""
    namespace = "{http://www.w3.org/2000/svg}"
    return [element.text or "" for element in ElementTree.fromstring(svg).iter(f"{namespace}text")]


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
