"""Judgements that are made beside the following, so that no new epoch waits for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.following.pace import Pace

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

    from logparse.findings import RunReport
    from logparse.following.clocks import Clocks
    from logparse.following.living import LivingRun
    from logparse.run import Run
    from logparse.session import Session

SHARE = 0.2
"""Of the time, for judging one log."""


class Judge:
    """Judges the runs of one log with an executor, one judgement at a time."""

    def __init__(self, executor: Executor, clocks: Clocks) -> None:
        self._executor = executor
        self._pace = Pace(SHARE, clocks.seconds)
        self._question: tuple[LivingRun, int, bool] | None = None
        self._answer: Future[RunReport] | None = None

    def ask(self, session: Session, living: LivingRun, *, is_over: bool) -> None:
        """Have the complete epochs judged, if that could say something new and is due."""
        question = (living, living.complete, is_over)
        if question == self._question or self._answer is not None or not self._pace.is_due:
            return
        run = living.whole
        if run is not None:
            self._question = question
            self._answer = self._executor.submit(self._judged, session, run, is_over)

    def answer(self) -> tuple[LivingRun, bool, RunReport] | None:
        """What was asked about, whether that was over, and what is said of it; once, when it is."""
        if self._question is None or self._answer is None or not self._answer.done():
            return None
        living, _, was_over = self._question
        report, self._answer = self._answer.result(), None
        return living, was_over, report

    def _judged(self, session: Session, run: Run, is_over: bool) -> RunReport:
        with self._pace.work():
            return session.judge_so_far(run, is_over=is_over)
