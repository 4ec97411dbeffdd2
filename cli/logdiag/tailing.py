"""The loop of a tail: events to whoever shows them and whoever acts on them, until it ends."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from logdiag.ending import is_over, is_reason
from logdiag.hooks import Hook
from logdiag.metrics_file import MetricsFile
from logdiag.notifier import NO_NOTIFIER, Notifier, find_notifier
from logdiag.stopping import stop_on_signals
from logparse.following.renderers import as_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from logdiag.views import View
    from logparse.findings import Severity
    from logparse.following.events import Event
    from logparse.following.following import Following

GRACE_S = 10.0
"""So long the end waits for commands that are still running."""


class Acts:
    """What is done about events, beside showing them."""

    def __init__(
        self,
        following: Following,
        least: Severity,
        *,
        command: str | None,
        notifies: bool,
        metrics_file: Path | None,
        sources: Sequence[str],
    ) -> None:
        self._complaints: list[str] = []
        self._callers: list[Hook | Notifier] = []
        self._metrics: list[MetricsFile] = []
        if command is not None:
            self._callers.append(Hook(command, least, as_json.render))
        if notifies:
            notifier = find_notifier(least)
            self._callers += [notifier] if notifier is not None else []
            self._complaints += [NO_NOTIFIER] if notifier is None else []
        if metrics_file is not None:
            from logparse.following.renderers import openmetrics

            def text(is_followed: bool) -> str:
                return openmetrics.render(following.states(), is_followed=is_followed)

            text(False)  # what is missing for it is to be said at once
            self._metrics.append(MetricsFile(metrics_file, text, sources=sources))

    def on(self, event: Event) -> None:
        """Call who is to be called for the event."""
        for caller in self._callers:
            caller.on(event)

    def poll(self, *, is_news: bool) -> list[str]:
        """See to what runs; what went wrong, a line each."""
        told, self._complaints = self._complaints, []
        told += [line for one in self._callers for line in one.poll()]
        return [*told, *(line for one in self._metrics for line in one.poll(is_news=is_news))]

    def close(self) -> list[str]:
        """Wait a while for what still runs, and write the numbers a last time; as `poll`."""
        told = [line for one in self._callers for line in one.close(GRACE_S)]
        return [*told, *(line for one in self._metrics for line in one.close())]


def follow(following: Following, view: View, acts: Acts, *, until: Severity | None) -> bool:
    """Follow until somebody asks for an end, nothing is left, or `until` says so.

    True where a finding of that severity ended it. With `until` it also ends when every run is
    over.
    """
    is_reached = False
    with stop_on_signals() as stop, _seen_off(following, view, acts):
        while not (is_reached or stop.is_asked or following.is_over):
            is_news = False
            for event in _told(following.step(), view, acts):
                is_news = True
                is_reached |= until is not None and is_reason(event, until)
            for complaint in acts.poll(is_news=is_news):
                view.complain(complaint)
            view.refresh(following)
            if until is not None and _all_over(following):
                break
            stop.wait(0.0 if is_reached else following.wait_s)
    return is_reached


@contextmanager
def _seen_off(following: Following, view: View, acts: Acts) -> Iterator[None]:
    """After the block all logs are read to their end and told of; nothing is left running."""
    try:
        yield
        for _ in _told(following.close(), view, acts):
            pass
    finally:
        for complaint in acts.close():
            view.complain(complaint)
        view.close()


def show_once(following: Following, view: View, acts: Acts) -> None:
    """Read all logs to their end, and tell of them as they are."""
    with _seen_off(following, view, acts):
        pass


def _told(events: Iterator[Event], view: View, acts: Acts) -> Iterator[Event]:
    for event in events:
        view.tell(event)
        acts.on(event)
        yield event


def _all_over(following: Following) -> bool:
    """True where every run is over, and no directory may bring another."""
    if following.is_open:
        return False
    now, states = datetime.now(UTC), following.states()
    return bool(states) and all(is_over(state, now) for state in states)
