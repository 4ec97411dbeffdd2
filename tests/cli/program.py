"""The program: its exit code and what it says on which stream, in a process of its own or here."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from logdiag.main import main

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import pytest

_OURS = ("COLUMNS", "NO_COLOR", "FORCE_COLOR", "TERM", "LOGDIAG_DEBUG", "PYTHONIOENCODING")


def environment(**changes: str) -> dict[str, str]:
    """The environment without what changes the output, plus the given changes."""
    kept = {key: value for key, value in os.environ.items() if key not in _OURS}
    return kept | {"PYTHONUTF8": "1"} | changes


def run_program(
    arguments: Sequence[str | Path],
    *,
    stdin: str | None = None,
    cwd: Path | None = None,
    python: Sequence[str] = (),
    **changes: str,
) -> subprocess.CompletedProcess[str]:
    """`python -m logdiag ARGUMENTS`; keyword arguments in capitals change the environment."""
    return subprocess.run(
        [sys.executable, *python, "-m", "logdiag", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        env=environment(**changes),
        timeout=60,
        check=False,
    )


def caller(
    command: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """What calls a command in this process, in a folder: `call(folder, *arguments, COLUMNS="90")`.

    A process takes a second to import what draws.
    """

    def call(folder: Path, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
        monkeypatch.chdir(folder)
        for key in _OURS:
            monkeypatch.delenv(key, raising=False)
        for key, value in changes.items():
            monkeypatch.setenv(key, value)
        capfd.readouterr()
        code = main([command, *arguments])
        return subprocess.CompletedProcess([command, *arguments], code, *capfd.readouterr())

    return call
