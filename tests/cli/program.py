"""The program as a real process: its exit code and what it says on which stream."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

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
