"""How a tail is shown: one block that refreshes in place, or a line an event."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from logdiag.console import complain, console_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.text import Text

    from logdiag.console import Console
    from logparse.following.events import Event
    from logparse.following.following import Following

REFRESH_S = 2.0
"""Where nothing happens, only the clock of the block goes on; each drawing takes some 5 ms."""
MOST_REMARKS = 2


@lru_cache(maxsize=256)
def _rich(line: str) -> Text:
    """A line with terminal sequences as rich has it. Most are the same at every drawing."""
    from rich.text import Text

    return Text.from_ansi(line)


class View(Protocol):
    """Is told of every event, and asked to refresh at every look."""

    def tell(self, event: Event) -> None: ...

    def complain(self, text: str) -> None: ...

    def refresh(self, following: Following) -> None: ...

    def close(self) -> None: ...


class EventLines:
    """A line an event, at once."""

    def __init__(self, console: Console, as_text: Callable[[Event], str]) -> None:
        self._stream = console.stream
        self._as_text = as_text
        self._remarks: Sequence[str] = ()

    def tell(self, event: Event) -> None:
        self._stream.write(self._as_text(event))
        self._stream.flush()

    def complain(self, text: str) -> None:
        complain(text)

    def refresh(self, following: Following) -> None:
        """Say what is new about the directories."""
        before, self._remarks = self._remarks, following.remarks
        for remark in self._remarks:
            if remark not in before:
                complain(remark)

    def close(self) -> None:
        """Nothing is open."""


class Block:
    """The state of all logs, refreshed in place on a terminal's other screen.

    That screen has no lines of before, which would be torn when the window changes its size, and
    what stood on the first one is there again at the end.
    """

    def __init__(self, console: Console) -> None:
        from rich.console import Console as Terminal
        from rich.live import Live

        self._console = console
        self._complaints: list[str] = []
        self._drawn_at = float("-inf")
        self._size = shutil.get_terminal_size()
        terminal = Terminal(file=console.stream, highlight=False)
        self._live = Live(
            console=terminal,
            screen=True,
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start()

    def tell(self, event: Event) -> None:
        """Draw at the next look; the event is part of its log's state."""
        self._drawn_at = float("-inf")

    def complain(self, text: str) -> None:
        """Show the complaint under the block, and say it when the block is closed."""
        self._complaints.append(text)
        self._drawn_at = float("-inf")

    def refresh(self, following: Following) -> None:
        """Draw, if something has happened, the window was resized or time has gone by."""
        size = shutil.get_terminal_size()
        if size == self._size and monotonic() < self._drawn_at + REFRESH_S:
            return
        self._size, self._drawn_at = size, monotonic()
        self._live.update(self._drawing(following), refresh=True)

    def _drawing(self, following: Following) -> Text:
        from rich.text import Text

        from logparse.following.renderers import block

        page = replace(self._console.page, width=console_for(self._console.stream).page.width)
        remarks = [*following.remarks, *self._complaints][-MOST_REMARKS:]
        height = self._size.lines - len(remarks)
        drawn = block.lines(following.states(), page, height, datetime.now(UTC))
        drawn += [(page.span(page.clip(remark, page.width), "warning"),) for remark in remarks]
        text = Text("\n").join(_rich(self._console.text(line)) for line in drawn)
        text.no_wrap, text.overflow = True, "crop"
        return text

    def close(self) -> None:
        """Give the terminal back as it was, and say what there was to complain of."""
        self._live.stop()
        for text in self._complaints:
            complain(text)
