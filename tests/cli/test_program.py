"""The program as a whole: help, version, start-up, exit codes of misuse, faults and interrupts."""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import pytest
from logs import write_log
from program import environment, run_program

from logdiag import main as program
from logdiag.commands import __path__ as command_folders

if TYPE_CHECKING:
    from collections.abc import Sequence

HEAVY = ("pandas", "numpy", "lark", "matplotlib", "scipy", "rich")


def imported(arguments: Sequence[str]) -> set[str]:
    """Top-level packages that a command imports."""
    done = run_program(arguments, python=("-X", "importtime"))
    lines = re.findall(r"^import time:.*\| +(\S+)$", done.stderr, re.MULTILINE)
    assert lines
    return {line.partition(".")[0] for line in lines}


@pytest.mark.parametrize(
    "arguments", [["--help"], ["rules"], ["explain", "BASE001"], ["config", "--show"]]
)
def test_light_commands_import_nothing_heavy(arguments: list[str]) -> None:
    assert imported(arguments).isdisjoint(HEAVY)


def test_analyze_imports_no_plotting_and_no_statistics(tmp_path: Path) -> None:
    path = write_log(tmp_path)
    assert imported(["analyze", str(path)]).isdisjoint({"matplotlib", "scipy", "rich"})


def cpu_s(command: Sequence[str]) -> float:
    """Processor time of a process in seconds: the least of three."""

    def once() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True, capture_output=True, env=environment())
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    return min(once() for _ in range(3))


def test_help_takes_at_most_four_tenths_of_importing_pandas() -> None:
    pandas = cpu_s([sys.executable, "-c", "import pandas"])
    assert cpu_s([sys.executable, "-m", "logdiag", "--help"]) <= 0.4 * pandas


def test_help_names_every_command() -> None:
    done = run_program(["--help"])
    names = {path.stem for folder in command_folders for path in Path(folder).glob("[a-z]*.py")}
    assert done.returncode == 0
    assert names >= {"analyze", "config", "explain", "export", "rules"}
    assert all(re.search(rf"^  {name} ", done.stdout, re.MULTILINE) for name in names)


def test_version_is_one_line() -> None:
    done = run_program(["--version"])
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"logdiag \S+\n", done.stdout)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Usage: logdiag"),
        (["anlyze"], "Did you mean 'analyze'?"),
        (["analyze"], "Missing argument 'PATH...'"),
        (["analyze", "x.log", "--fail-on", "doom"], "--fail-on"),
        (["analyze", "x.log", "--run", "first"], "'first' is no run number"),
        (["analyze", "x.log", "--run", "0"], "'0' is no run number"),
        (
            ["explain", "early-lr-dorp"],
            "logdiag: unknown rule 'early-lr-dorp'; did you mean early-lr-drop?",
        ),
    ],
)
def test_misuse_is_told_on_stderr_with_code_2(
    arguments: list[str], said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert program.main(arguments) == 2
    out, err = capfd.readouterr()
    assert said in (err or out)
    assert out == "" or not arguments


def test_a_fault_is_one_line_and_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise RuntimeError("wires\x1b[2J crossed")

    monkeypatch.setattr(program, "build", fail)
    monkeypatch.delenv("LOGDIAG_DEBUG", raising=False)
    assert program.main([]) == 2
    line = "logdiag: internal error: RuntimeError: wires\\x1b[2J crossed"
    assert capsys.readouterr().err == f"{line} (LOGDIAG_DEBUG=1 shows where)\n"
    monkeypatch.setenv("LOGDIAG_DEBUG", "1")
    assert program.main([]) == 2
    assert "Traceback" in capsys.readouterr().err


def test_an_interrupt_is_130_and_silent() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "logdiag", "analyze", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    _wait_until_it_reads(process.pid)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, b"")


def _wait_until_it_reads(pid: int) -> None:
    """Wait until the process has pandas loaded and has been asleep for a moment."""
    deadline, asleep = time.monotonic() + 30, 0
    while time.monotonic() < deadline and asleep < 5:
        time.sleep(0.02)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        used = sum(map(int, Path(f"/proc/{pid}/stat").read_text().split()[13:15]))
        is_up = used / os.sysconf("SC_CLK_TCK") > 0.05
        asleep = asleep + 1 if state == "Z" or (state == "S" and is_up) else 0


def test_help_without_a_reader_is_silent() -> None:
    assert _with_a_reader_that_left(["--help"]) == (0, "")


def _with_a_reader_that_left(arguments: Sequence[str]) -> tuple[int, str]:
    """Exit code and stderr of the program when its stdout is a pipe that nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "logdiag", *arguments],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
        timeout=60,
        check=False,
    )
    os.close(writer)
    return done.returncode, done.stderr


def test_a_report_without_a_reader_keeps_its_exit_code(tmp_path: Path) -> None:
    path = str(write_log(tmp_path))
    assert _with_a_reader_that_left(["analyze", path, "--select", "BASE002"]) == (1, "")
    assert _with_a_reader_that_left(["analyze", path, "--select", "LOG001"]) == (0, "")
    assert _with_a_reader_that_left(["export", path]) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device here")
@pytest.mark.parametrize("arguments", [["rules"], ["--help"], ["--version"], ["analyze", "-h"]])
def test_a_full_device_is_one_line_and_code_2(arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = _to(full, arguments)
    assert done.returncode == 2
    assert done.stderr == ("logdiag: cannot write to standard output: No space left on device\n")


def _to(stdout: TextIO | None, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """The program with this as its standard output; None closes it."""
    command = [sys.executable, "-m", "logdiag", *arguments]
    if stdout is None:
        command = ["sh", "-c", 'exec "$@" >&-', "sh", *command]
    return subprocess.run(
        command,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_with_its_output_closed_is_silent(option: str) -> None:
    done = _to(None, [option])
    assert (done.returncode, done.stderr) == (0, "")


def test_a_file_is_written_with_standard_output_closed(tmp_path: Path) -> None:
    log, target = write_log(tmp_path), tmp_path / "report.txt"
    done = _to(None, ["analyze", str(log), "--select", "BASE002", "-o", str(target)])
    assert (done.returncode, done.stderr) == (1, "")
    assert "BASE002" in target.read_text()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device here")
def test_misuse_is_code_2_even_where_it_cannot_be_told() -> None:
    command = [sys.executable, "-m", "logdiag", "anlyze"]
    with Path("/dev/full").open("w") as full:
        assert subprocess.run(command, stderr=full, env=environment(), check=False).returncode == 2
