"""A run as it goes: which of its epochs are complete, how fast they come, what is said of it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from logparse.following.ledger import Ledger
from logparse.following.progress import Progress, progress_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.findings import Finding, RunReport
    from logparse.following.clocks import Clocks
    from logparse.following.ledger import Turn
    from logparse.run import Run
    from logparse.session import Session

ARRIVALS = 5
"""So many gaps between epochs are remembered, for logs that tell no times."""


class LivingRun:
    """One run of a session that still grows.

    run       as far as it was read
    complete  how many of its epochs are complete: of the newest a part may be still to come
    """

    def __init__(self, session: Session, clocks: Clocks) -> None:
        self._clocks = clocks
        self._ledger = Ledger(session.settling)
        self._arrivals: deque[float] = deque(maxlen=ARRIVALS)
        self._arrived_at: float | None = None
        self._progress = Progress()
        self.run: Run | None = None
        self.complete = 0

    @property
    def epoch(self) -> int | None:
        """The newest complete epoch."""
        if self.run is None or not self.complete:
            return None
        return int(self.run.epochs["epoch"].iloc[self.complete - 1])

    @property
    def standing(self) -> tuple[Finding, ...]:
        """The findings that were raised and not cleared."""
        return self._ledger.standing

    def take(self, run: Run, *, is_quiet: bool) -> bool:
        """Know the run as it is now; True where more of its epochs are complete.

        While the log is not quiet, an epoch that lacks what each of them has is incomplete, and
        the newest one of a log with several lines an epoch.
        """
        is_watched = self.run is not None and self.run.axis == run.axis
        before = self.complete if is_watched else 0
        self.run, self.complete = run, len(run.epochs) - (_is_torn(run) and not is_quiet)
        is_more = self.complete > before
        if is_more and is_watched:
            self._note_arrival(self.complete - before)
        self._progress = progress_of(run, self._clocks.utc(), tuple(self._arrivals))
        return is_more

    def _note_arrival(self, epochs: int) -> None:
        now = self._clocks.seconds()
        if self._arrived_at is not None:
            self._arrivals.append((now - self._arrived_at) / epochs)
        self._arrived_at = now

    def now(self, idle_s: float) -> Progress:
        """How far the run is at this moment, so many seconds after the log grew last."""
        came = self._arrived_at
        since_s = idle_s if came is None else self._clocks.seconds() - came
        return self._progress.at(self._clocks.utc(), since_s)

    @property
    def epoch_s(self) -> float | None:
        """Seconds per epoch; None where they are not known."""
        return self._progress.epoch_s

    @property
    def is_complete(self) -> bool:
        """True where every planned epoch is there."""
        is_whole = self.run is not None and self.complete == len(self.run.epochs)
        return is_whole and self._progress.is_done

    @property
    def whole(self) -> Run | None:
        """The run as far as its epochs are complete."""
        if self.run is None or self.epoch is None or self.complete == len(self.run.epochs):
            return self.run
        return self.run.up_to(self.epoch)

    def judged(self, report: RunReport, *, is_final: bool) -> Iterator[Turn]:
        """What a judgement turns."""
        return self._ledger.take(report, is_final=is_final)

    def end(self, report: RunReport) -> Iterator[Turn]:
        """What the last judgement turns, that of the whole run."""
        self.take(report.run, is_quiet=True)
        return self._ledger.take(report, is_final=True)


def _is_torn(run: Run) -> bool:
    """True where the last epoch's line is there and what follows it is not, or may not be."""
    if run.points is not None and run.axis == "epoch" and len(run.points) > len(run.epochs):
        return len(run.epochs) > 0
    cut = run.truncation
    return cut is not None and len(run.epochs) > 0 and cut.line == int(run.epochs["line"].iloc[-1])
