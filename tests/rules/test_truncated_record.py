"""LOG003 truncated-record."""

from __future__ import annotations

from logparse.run import Truncation
from tests.rules.asking import fires, is_silent
from tests.runs import make_run, power_law

CUT = Truncation(line=113, epoch=5, missing="parameter list")


def test_fires_with_the_line_and_what_is_missing() -> None:
    finding = fires("LOG003", make_run(val_rmse=power_law(5), truncation=CUT))
    assert (finding.severity, finding.confidence) == ("note", "high")
    assert (finding.epochs, finding.lines) == ((5, 5), (113,))
    assert finding.measured["missing"] == "parameter list"


def test_a_run_without_epochs_can_be_truncated() -> None:
    run = make_run(truncation=Truncation(line=12, epoch=None, missing="value"))
    assert fires("LOG003", run).epochs is None


def test_near_miss_silent_on_whole_records() -> None:
    is_silent("LOG003", make_run(val_rmse=power_law(5)))


def test_false_alarm_a_run_being_written_is_named_as_a_cause() -> None:
    live = fires("LOG003", make_run(val_rmse=power_law(5), truncation=CUT))
    assert any("being written" in cause for cause in live.causes)
    over = fires("LOG003", make_run(val_rmse=power_law(5), truncation=CUT, count=2))
    assert not any("being written" in cause for cause in over.causes)


def test_a_run_that_is_over_is_not_to_be_resumed() -> None:
    live = fires("LOG003", make_run(val_rmse=power_law(5), truncation=CUT))
    assert live.remedies[-1] == "resume from the last checkpoint"
    whole = make_run(val_rmse=power_law(5), truncation=CUT, settings={"MAX_EPOCHS": 5})
    assert len(fires("LOG003", whole).remedies) == 1
