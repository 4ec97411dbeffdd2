"""When a tail leaves of itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from logdiag.ending import SETTLED_S, is_over, is_reason
from logparse.findings import CRASH_CODE, Severity
from logparse.following.events import Kind
from logparse.following.state import LogState
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


@pytest.mark.parametrize(("is_finished", "quiet_s"), [(True, 9.9), (False, 1e9)])
def test_a_run_is_over_once_it_has_finished_and_is_quiet(is_finished: bool, quiet_s: float) -> None:
    grown = datetime(2026, 1, 30, tzinfo=UTC)
    state = LogState(source="run.log", is_finished=is_finished, last_growth=grown)
    assert not is_over(state, grown + timedelta(seconds=quiet_s))
    assert is_over(state, grown + timedelta(seconds=SETTLED_S)) is is_finished


def test_a_log_that_was_never_written_to_is_not_over() -> None:
    assert not is_over(LogState(source="run.log"), datetime(2026, 1, 30, tzinfo=UTC))
