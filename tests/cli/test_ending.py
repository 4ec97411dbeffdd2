"""When a tail leaves of itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from logdiag.ending import SETTLED_S, is_over, is_reason
from logparse.findings import CRASH_CODE, Severity
from logparse.following.events import Kind
from logparse.following.progress import Progress
from tests.cli.alarms import FINDING, event


@pytest.mark.parametrize("kind", Kind)
def test_what_stands_at_the_level_is_a_reason(kind: Kind) -> None:
    is_alarm = kind in (Kind.RAISED, Kind.WORSE, Kind.STALLED)
    assert is_reason(event(kind), Severity.ERROR) is is_alarm
    assert is_reason(event(kind), Severity.NOTE) is is_alarm
    assert not is_reason(event(kind, severity=Severity.WARNING), Severity.ERROR)
    assert not is_reason(event(kind, severity=None), Severity.NOTE)


def test_a_rule_that_crashed_is_no_reason_to_end_a_run() -> None:
    crash = event(finding=replace(FINDING, code=CRASH_CODE))
    assert not is_reason(crash, Severity.ERROR)


@pytest.mark.parametrize(("done", "over"), [(69, False), (70, True), (71, True)])
def test_a_run_with_all_its_epochs_is_over_once_it_is_quiet(done: int, over: bool) -> None:
    progress = Progress(done=done, planned=70, epoch_s=3600)
    assert is_over(progress, SETTLED_S) is over
    assert not is_over(progress, SETTLED_S - 0.1)


@pytest.mark.parametrize(
    ("since_best", "over"), [(0, False), (6, False), (7, True), (8, True), (9, False)]
)
def test_a_run_out_of_patience_is_over_once_the_next_epochs_do_not_come(
    since_best: int, over: bool
) -> None:
    progress = Progress(done=20, planned=70, epoch_s=50, patience=7, since_best=since_best)
    assert is_over(progress, 150) is over
    assert not is_over(progress, 149)


@pytest.mark.parametrize("left_out", ["epoch_s", "patience", "since_best"])
def test_a_run_that_does_not_tell_its_end_is_never_over(left_out: str) -> None:
    told = Progress(done=20, epoch_s=50, patience=7, since_best=7)
    assert is_over(told, 1e9)
    assert not is_over(replace(told, **{left_out: None}), 1e9)
