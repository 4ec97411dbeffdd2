"""How far a command has come, on a terminal, where it takes long."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack, contextmanager
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.progress import Progress

_PATIENCE_S = 1.0
"""What takes no longer needs no bar."""


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None] | None]:
    """What is to be told how many of how many are done; None where nobody would see it.

    After a second a bar appears on standard error, which is gone when the block ends.
    """
    if sys.stderr is None or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield None
        return
    start = monotonic()
    with ExitStack() as stack:
        bars: list[Progress] = []

        def tell(done: int, total: int) -> None:
            if not bars and monotonic() - start > _PATIENCE_S:
                bars.append(stack.enter_context(_bar(what)))
            for bar in bars:
                bar.update(bar.task_ids[0], completed=done, total=total)

        yield tell


def _bar(what: str) -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    bar.add_task(what, total=None)
    return bar
