"""LOG001 missing-or-duplicate-epochs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from logparse.run import Predecessor
from tests.rules.asking import ask, fires, is_silent
from tests.runs import make_run

if TYPE_CHECKING:
    from logparse.run import Run


def run_of(*epochs: int, **facts: Any) -> Run:
    return make_run(epochs=list(epochs), val_rmse=[0.1] * len(epochs), **facts)


def test_fires_on_a_gap_with_the_lines_after_it() -> None:
    finding = fires("LOG001", run_of(1, 2, 3, 6, 7))
    assert finding.measured["missing"] == "E04-E05"
    assert finding.measured["missing_epochs"] == 2
    assert finding.epochs == (4, 5)
    assert finding.lines == (109,)


def test_all_gaps_are_counted() -> None:
    finding = fires("LOG001", run_of(1, 2, 3, 5, 6, 8, 9))
    assert (finding.measured["gaps"], finding.measured["missing"]) == (2, "E04, E07")


def test_fires_on_a_log_without_its_beginning() -> None:
    finding = fires("LOG001", run_of(24, 25, 26, started=None))
    assert finding.measured["first_epoch"] == 24
    assert finding.severity == "warning"


def test_epochs_of_the_run_before_are_named_as_repeated() -> None:
    finding = fires("LOG001", run_of(24, 25, predecessor=Predecessor(last_epoch=30, last_line=9)))
    assert finding.measured["repeated_epochs"] == "E24-E25"


def test_a_continuation_of_the_run_before_is_a_note() -> None:
    finding = fires("LOG001", run_of(24, 25, predecessor=Predecessor(last_epoch=23, last_line=9)))
    assert finding.severity == "note"


def test_what_lies_between_the_run_before_and_this_one_is_named() -> None:
    finding = fires("LOG001", run_of(31, 32, predecessor=Predecessor(last_epoch=20, last_line=9)))
    assert finding.severity == "warning"
    assert finding.reading == (
        "The run starts at E31, the run before it ended at E20: E21-E30 are in neither."
    )
    assert finding.measured["missing_epochs"] == 10


def test_a_continuation_goes_on_at_the_logging_interval() -> None:
    before = Predecessor(last_epoch=20, last_line=9)
    finding = fires("LOG001", run_of(25, 30, 35, 40, predecessor=before))
    assert finding.severity == "note"
    assert finding.reading == "The run starts at E25, where the run before it ended."


def test_a_gap_that_is_no_multiple_of_the_interval_has_one_epoch() -> None:
    finding = fires("LOG001", run_of(5, 10, 15, 20, 28, 33))
    assert finding.reading == "1 epoch is missing from the log."
    assert (finding.measured["missing"], finding.epochs) == ("E25", (25, 25))


def test_near_miss_silent_on_whole_runs_from_zero_and_one() -> None:
    is_silent("LOG001", run_of(0, 1, 2))
    is_silent("LOG001", run_of(1, 2, 3))


def test_false_alarm_logging_every_fifth_epoch() -> None:
    is_silent("LOG001", run_of(5, 10, 15, 20, 25))
    is_silent("LOG001", run_of(1, 5, 10, 15, 20, 22))


def test_false_alarm_every_tenth_epoch_counted_from_zero() -> None:
    is_silent("LOG001", run_of(9, 19, 29, 39))


def test_false_alarm_every_fifth_epoch_of_a_short_run() -> None:
    is_silent("LOG001", run_of(5, 10, 15))
    is_silent("LOG001", run_of(0, 5, 10))
    assert fires("LOG001", run_of(1, 2, 4)).measured["missing"] == "E03"


def test_false_alarm_an_unfinished_run_is_mentioned_only() -> None:
    reason = is_silent("LOG001", run_of(1, 2, 3, settings={"MAX_EPOCHS": 70}))
    assert reason == "E03 of 70 planned, perhaps running"


def test_a_superseded_run_says_nothing_about_its_plan() -> None:
    assert is_silent("LOG001", run_of(1, 2, 3, settings={"MAX_EPOCHS": 70}, count=2)) == ""


def test_without_epochs_it_is_not_applicable() -> None:
    assert ask("LOG001", run_of())[1].outcome == "not-applicable"
