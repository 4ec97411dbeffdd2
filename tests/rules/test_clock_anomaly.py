"""LOG004 clock-anomaly."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from logparse.records import Resolution
from logparse.run import Predecessor
from logparse.signals import Signals
from tests.reading import runs_of
from tests.rules.asking import fires, is_silent
from tests.runs import make_run, power_law

TENTH = {"elapsed_s": Resolution(decimals=1)}
NOON = datetime(2025, 11, 3, 12, tzinfo=UTC)


def test_a_start_before_that_of_the_run_above_is_noted() -> None:
    before = Predecessor(last_epoch=3, last_line=9, started=NOON)
    finding = fires("LOG004", make_run(val_rmse=power_law(3), predecessor=before))
    assert (finding.severity, finding.confidence) == ("note", "high")
    assert finding.measured["seconds_back"] == 720


def test_a_start_days_before_that_of_the_run_above_is_told_in_hours() -> None:
    before = Predecessor(last_epoch=3, last_line=9, started=NOON + timedelta(days=2))
    finding = fires("LOG004", make_run(val_rmse=power_law(3), predecessor=before))
    assert finding.reading == "The run starts 48.2 h before the run above it."


def test_near_miss_a_start_in_the_same_second_is_in_order() -> None:
    before = Predecessor(last_epoch=3, last_line=9, started=NOON)
    is_silent("LOG004", make_run(val_rmse=power_law(3), started=NOON, predecessor=before))


def test_a_clock_that_was_never_set_is_noted() -> None:
    run = make_run(val_rmse=power_law(3), started=datetime(1970, 1, 1, tzinfo=UTC))
    assert "1970-01-01" in fires("LOG004", run).reading


def test_a_placeholder_is_no_date() -> None:
    (run,) = runs_of("RUN START: 2025-01-XX\n\nHYPERPARAMS:\n  MAX_EPOCHS = 3\n")
    assert fires("LOG004", run).measured["start"] == "2025-01-XX"


def test_a_stamp_that_no_calendar_has_is_no_date() -> None:
    run = replace(make_run(val_rmse=power_law(3), started=None), start_text="2025-02-31T00:00:00Z")
    assert "2025-02-31" in fires("LOG004", run).reading


def test_a_negative_time_is_noted_with_its_line() -> None:
    run = make_run(elapsed_s=[5.0, 5.1, -4.0, 5.2], resolution=TENTH)
    finding = fires("LOG004", run)
    assert (finding.epochs, finding.lines) == ((3, 3), (106,))


def test_a_time_of_zero_among_long_epochs_is_noted() -> None:
    run = make_run(elapsed_s=[5.0, 0.0, 5.2, 0.0], resolution=TENTH)
    assert fires("LOG004", run).measured["wrong_durations"] == 2


def test_false_alarm_zero_for_epochs_shorter_than_the_print_step() -> None:
    is_silent("LOG004", make_run(elapsed_s=[0.1, 0.0, 0.0, 0.1], resolution=TENTH))
    is_silent("LOG004", make_run(elapsed_s=[0.0] * 9, resolution=TENTH))


def test_a_time_that_counts_from_the_start_is_noted() -> None:
    times = 5.0 * np.arange(1, 11)
    run = make_run(elapsed_s=times, throughput=np.full(10, 1000.0), resolution=TENTH)
    assert "from the start" in fires("LOG004", run).reading


def test_a_time_from_the_start_slows_nothing_down_and_clashes_with_nothing() -> None:
    times, plan = 5.0 * np.arange(1, 41), {"MAX_EPOCHS": 40}
    run = make_run(elapsed_s=times, resolution=TENTH, settings=plan)
    assert "from the start" in fires("LOG004", run).reading
    is_silent("DATA002", run)
    assert Signals(run).machine.timing.planned_s == pytest.approx(200)
    run = make_run(elapsed_s=times, throughput=np.full(40, 1000.0), resolution=TENTH, settings=plan)
    assert is_silent("DATA003", run).startswith("1 pair of figures agrees; 5 s per epoch")


def test_near_miss_epochs_that_become_slower_by_less_than_the_first() -> None:
    run = make_run(elapsed_s=5.0 + 0.5 * np.arange(40), resolution=TENTH)
    is_silent("LOG004", run)
    assert fires("DATA002", run).severity == "warning"


def test_near_miss_epochs_that_really_become_slower() -> None:
    times = 5.0 * np.arange(1, 11)
    is_silent("LOG004", make_run(elapsed_s=times, throughput=5000 / times, resolution=TENTH))


def test_false_alarm_a_night_between_two_runs() -> None:
    before = Predecessor(3, 9, started=datetime(2025, 11, 1, tzinfo=UTC))
    is_silent("LOG004", make_run(val_rmse=power_law(3), predecessor=before))


def test_a_run_without_a_header_has_no_clock() -> None:
    is_silent("LOG004", make_run(val_rmse=power_law(3), started=None))
