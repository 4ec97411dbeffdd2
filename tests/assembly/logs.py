"""Small logs as JSON lines, for tests of what several files make."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path


def write(path: Path, rows: Iterable[dict[str, object]]) -> str:
    """The path of a file with a line for each row."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return str(path)


def epochs(count: int, first: int = 0, level: float = 1.0) -> list[dict[str, object]]:
    """Lines of a split, which they do not name."""
    return [
        {"epoch": at, "loss": level / (at + 1), "accuracy": 50.0 + at % 7}
        for at in range(first, first + count)
    ]


def steps(first: int, last: int, by: int = 10, level: float = 4.0) -> list[dict[str, object]]:
    """Lines of a training by steps."""
    return [
        {"step": at, "loss": level * (1 + at / 100) ** -0.5 + at % 3 * 0.01, "lr": 1e-3}
        for at in range(first, last + 1, by)
    ]
