"""One log that is followed: its bytes to a session, the session's runs to events."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from logparse.axis import planned_words, reason_in_own_words
from logparse.errors import LogParseError
from logparse.findings import Report, Severity, plural
from logparse.following.events import Event, Kind
from logparse.following.growth import Change, GrowingFile, News
from logparse.following.judge import Judge
from logparse.following.living import LivingRun
from logparse.following.pace import Pace
from logparse.following.silence import Silence
from logparse.following.state import LogState
from logparse.intake import failure
from logparse.renderers.numbers import duration
from logparse.signals import Signals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Executor

    from logparse.findings import Finding
    from logparse.following.clocks import Clocks
    from logparse.following.ledger import Turn
    from logparse.intake import Bench
    from logparse.run import Run
    from logparse.session import Session

LOOKING = 0.1
"""The share of the time that may go into building the newest run."""
KEPT_EVENTS = 100


class Watched:
    """One log, polled by `step`; its runs are judged by `judging`, beside the polling or at once.

    `stall_s` replaces five median epochs; infinity: no alarm. Raises NoRuleError where the
    settings ignore every judge of this log.
    """

    def __init__(
        self,
        path: str,
        bench: Bench,
        clocks: Clocks,
        judging: Executor,
        *,
        stall_s: float | None = None,
    ) -> None:
        self.path, self.source = path, bench.source(path)
        self.is_ended = False
        self._rules, self._bench = bench.rules(self.source), bench
        self._clocks = clocks
        self._silence = Silence(path, clocks, stall_s)
        self._file = GrowingFile(path, clock=clocks.seconds)
        self._missing = ""
        self._events: deque[Event] = deque(maxlen=KEPT_EVENTS)
        self._looking = Pace(LOOKING, clocks.seconds)
        self._judge = Judge(judging, clocks)
        self._begin()

    def _begin(self) -> None:
        """Know nothing of what the log says."""
        self._session = self._new_session()
        self._living = LivingRun(self._session, self._clocks)
        self._is_unread = self._is_told_no_log = False
        self._is_stalled = self._is_finished = False
        self._is_known = False  # whether what was there at first has been judged

    def _new_session(self) -> Session:
        return self._bench.session(self.source, self._rules)

    @property
    def is_behind(self) -> bool:
        """True where the file holds more than was read."""
        return self._file.is_behind

    def step(self) -> Iterator[Event]:
        """What has happened since the last step."""
        return self._kept(self._step())

    def close(self) -> Iterator[Event]:
        """Read to the end, judge everything as `analyze` does, and let go of the file."""
        return self._kept(self._close())

    def release(self) -> None:
        """Let go of the file without a word."""
        self._file.close()

    def _kept(self, events: Iterable[Event]) -> Iterator[Event]:
        for event in events:
            if event.kind is not Kind.EPOCH:
                self._events.append(event)
            yield event

    def _step(self) -> Iterator[Event]:
        yield from self._read()
        if self.is_behind:
            return
        if (self._is_unread or self._is_torn_at_rest) and self._looking.is_due:
            yield from self._look()
        yield from self._watch_the_writer()
        yield from self._tell_judgements()

    def _read(self) -> Iterator[Event]:
        for piece in self._file.poll():
            yield from self._hear(piece) if isinstance(piece, News) else self._grow(piece)

    def _hear(self, news: News) -> Iterator[Event]:
        self._missing = news.text if news.change is Change.MISSING else ""
        match news.change:
            case Change.MISSING:
                yield self._event(Kind.WAITING, f"{news.text}, waiting for it")
            case Change.REPLACED:
                yield self._event(Kind.REPLACED, news.text)
                self._begin()
            case Change.ROTATED:
                yield self._event(Kind.ROTATED, news.text)
            case Change.REWRITTEN:
                self._session = self._new_session()
            case Change.ENDED:
                self.is_ended = True

    def _grow(self, chunk: bytes) -> Iterator[Event]:
        if not self._session.is_hopeless:
            self._session.feed(chunk)
        self._file.is_rewritten = self._session.is_rewritten
        self._is_unread = True
        self._silence.end()
        if self._is_stalled:
            self._is_stalled = False
            yield self._event(Kind.RESUMED, "the log grows again")

    @property
    def _is_torn_at_rest(self) -> bool:
        """True where the rest of an epoch was waited for in vain."""
        run = self._living.run
        return (
            run is not None and self._living.complete < len(run.epochs) and self._silence.is_quiet
        )

    def _look(self) -> Iterator[Event]:
        """Build the newest run; tell of runs and epochs that are new."""
        with self._looking.work():
            builds = self._session.so_far()
            run = builds[-1]() if builds else None
        if run is None:
            yield from self._miss_the_log()
            return
        self._is_unread = False
        if self._is_half_written(run):
            return
        known = self._living.run
        if known is not None and known.index < run.index:
            yield from self._succeed(builds[known.index - 1]())
        elif self._session.is_rewritten and len(run.epochs) < self._living.complete:
            yield self._event(Kind.REPLACED, "written anew, with fewer epochs")
            self._living = LivingRun(self._session, self._clocks)
        is_new = self._living.run is None
        self._is_finished = self._is_finished and self._living.is_complete
        is_more = self._living.take(run, is_quiet=self._silence.is_quiet)
        if is_new:
            yield self._event(Kind.BEGUN, _begun(run, is_found=not self._is_known))
        if is_more and self._living.epoch is not None:
            yield self._event(Kind.EPOCH, f"{run.label(self._living.epoch)} is complete")

    def _miss_the_log(self) -> Iterator[Event]:
        """Say once, when the file has come to rest, what is in it instead of a run."""
        if self._silence.is_quiet:
            self._is_unread = False
            if not self._is_told_no_log:
                self._is_told_no_log = True
                yield self._event(Kind.WAITING, self._session.why_no_log)

    def _is_half_written(self, run: Run) -> bool:
        """True for a document that was caught while it is written anew."""
        is_cut = self._session.is_rewritten and run.truncation is not None
        return is_cut and len(run.epochs) < self._living.complete

    def _succeed(self, run: Run) -> Iterator[Event]:
        """The last word on a run that another one follows."""
        judged = self._session.judge_so_far(run, is_over=True)
        yield from self._told(self._living.end(judged))
        self._living = LivingRun(self._session, self._clocks)
        self._is_finished = False

    @property
    def _is_over(self) -> bool:
        """True where no more is to come, as far as can be told."""
        return self._is_stalled or self._is_finished

    def _tell_judgements(self) -> Iterator[Event]:
        self._judge.ask(self._session, self._living, is_over=self._is_over)
        answer = self._judge.answer()
        if answer is None:
            return
        living, was_over, report = answer
        if living is self._living:  # else another run has begun
            is_final, self._is_known = was_over or not self._is_known, True
            yield from self._told(living.judged(report, is_final=is_final))

    def _told(self, turns: Iterable[Turn]) -> Iterator[Event]:
        for kind, finding, why in turns:
            text = "it stands no more" if kind is Kind.CLEARED else finding.reading
            yield self._event(kind, f"{text} ({why})" if why else text, finding)

    def _watch_the_writer(self) -> Iterator[Event]:
        """Tell when the run has come to its planned end, or to another one."""
        living = self._living
        is_silent = self._silence.is_too_long(living.epoch_s)
        if living.run is None or self._is_over or not (living.is_complete or is_silent):
            return
        ending = Signals(living.run).ending
        if ending.kind in ("completed", "stopped-early"):
            self._is_finished = True
            why = reason_in_own_words(living.run, ending.because)
            yield self._event(Kind.FINISHED, why)
        else:
            self._is_stalled = True
            text = f"nothing was written for {duration(self._silence.seconds)}"
            yield replace(self._event(Kind.STALLED, text), severity=Severity.WARNING)

    def _close(self) -> Iterator[Event]:
        self._file.hurry()
        yield from self._read()
        while self.is_behind:
            yield from self._read()
        self._file.close()
        if self._is_unread:
            yield from self._look()
        yield from self._watch_the_writer()
        report = self._report()
        if report.runs:
            yield from self._told(self._living.end(report.runs[-1]))
        yield replace(self._event(Kind.ENDED, _ended(report)), report=report)

    def _report(self) -> Report:
        try:
            if self._missing and not self._session.has_bytes:
                raise LogParseError(self._missing)
            report = self._session.close()
            remarks = tuple(self._bench.told.remarks(self.source, self._session))
            return replace(report, remarks=remarks)
        except LogParseError as error:
            return Report((), (failure(self.source, error),))

    def _event(self, kind: Kind, text: str, finding: Finding | None = None) -> Event:
        run, epoch = self._living.run, self._living.epoch
        return Event(
            kind=kind,
            source=self.source,
            at=self._clocks.utc(),
            text=text,
            run=run.index if run else None,
            epoch=epoch,
            severity=finding.severity if finding else None,
            finding=finding,
            progress=self._living.now(self._silence.seconds) if run else None,
            label=run.label(epoch) if run and epoch is not None else "",
        )

    def state(self) -> LogState:
        """The log as it stands."""
        run, living = self._living.run, self._living
        progress = living.now(self._silence.seconds)
        if self._is_stalled:
            progress = replace(progress, left_s=None, ends_at=None)
        return LogState(
            source=self.source,
            run=run,
            run_count=run.count if run else 0,
            progress=progress,
            findings=living.standing,
            events=tuple(self._events),
            last_growth=self._silence.since,
            stall_after_s=None if self._is_finished else self._silence.limit_s(living.epoch_s),
            is_stalled=self._is_stalled,
            is_finished=self._is_finished,
            waiting=self._missing or ("" if run else self._session.why_no_log),
        )


def _begun(run: Run, *, is_found: bool) -> str:
    """Which run begins, or is found at which epoch; with its plan where one is declared."""
    which = f"run {run.index} of the file" if run.count > 1 else "the run"
    last, planned = run.last_epoch, planned_words(run)
    stage = f"is at {run.label(last)}" if is_found and last is not None else "begins"
    return f"{which} {stage}" + (f", {planned} planned" if planned else "")


def _ended(report: Report) -> str:
    if report.errors:
        return report.errors[0].message
    return f"{plural(len(report.runs[-1].findings), 'finding')} at the end"
