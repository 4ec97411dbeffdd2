"""LOG002 restart-or-rollback."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from logparse.run import EpochFacts, Predecessor, Run
from tests.rules.asking import ask, fires, is_silent
from tests.runs import (
    FIRST_LINE,
    LR_PRINTED,
    Array,
    cosine_lr,
    make_run,
    make_settings,
    noisy,
    power_law,
)

WHOLE, CUT = 40, 20
CURVE = noisy(power_law(WHOLE), level=0.005)


def facts(columns: Mapping[str, Array], first: int, last: int) -> tuple[EpochFacts, ...]:
    return tuple(
        EpochFacts(
            epoch,
            10 + epoch,
            tuple((name, float(values[epoch - 1])) for name, values in columns.items()),
        )
        for epoch in range(first, last + 1)
    )


def resumed(
    *, lr: Array | None = None, curve: Array = CURVE, after: Array | None = None, first: int = 21
) -> Run:
    """Stopped after epoch 20 of 40; `lr` and `after` are what epochs from `first` on print."""
    rates = cosine_lr(WHOLE)
    columns = {"lr": rates, "val_rmse": curve}
    before = Predecessor(
        CUT, 30, head=facts(columns, 1, 5), tail=facts(columns, 1, CUT), settings=(("SEED", "1"),)
    )
    now = curve[first - 1 :] if after is None else after
    return make_run(
        lr=rates[first - 1 :][: len(now)] if lr is None else lr,
        val_rmse=now,
        epochs=range(first, first + len(now)),
        predecessor=before,
        index=2,
        count=2,
    )


def second_run(*, started: Any = None, copy: bool = False) -> Run:
    """Epochs from 1 on again, after another run of the file."""
    columns = {"val_rmse": CURVE}
    before = Predecessor(10, 30, head=facts(columns, 1, 5), tail=facts(columns, 1, 10))
    values = CURVE[:10] if copy else noisy(power_law(10), seed=5)
    return make_run(val_rmse=values, predecessor=before, started=started, index=2, count=2)


def test_a_schedule_that_starts_again_is_a_warning() -> None:
    finding = fires("LOG002", resumed(lr=cosine_lr(WHOLE)[:CUT]))
    assert (finding.severity, finding.confidence) == ("warning", "high")
    assert finding.measured["repeats_first_rates"] is True
    assert finding.causes[0] == "the scheduler's state was not restored"
    assert finding.lines == (30, FIRST_LINE)


def test_a_loss_far_above_its_course_is_a_warning() -> None:
    finding = fires("LOG002", resumed(after=1.4 * CURVE[CUT:]))
    assert (finding.severity, finding.measured["loss"]) == ("warning", "val_rmse")
    assert finding.causes[0] == "the optimizer's state was not restored"
    assert float(finding.measured["z"]) > 5


def test_a_loss_far_below_its_course_names_replayed_data_first() -> None:
    finding = fires("LOG002", resumed(after=0.6 * CURVE[CUT:]))
    assert finding.severity == "warning"
    assert "data just seen" in finding.causes[0]


def test_a_clean_resume_is_only_noted() -> None:
    finding = fires("LOG002", resumed())
    assert (finding.severity, finding.confidence) == ("note", "high")
    assert finding.reading.endswith("without a break.")


def test_a_rollback_is_named_as_such() -> None:
    finding = fires("LOG002", resumed(first=16))
    assert finding.severity == "note"
    assert "goes back to E16" in finding.reading


def test_epochs_twice_under_one_start_are_named_as_a_copy() -> None:
    finding = fires("LOG002", second_run(copy=True))
    assert finding.severity == "note"
    assert finding.measured["epochs_with_same_figures"] == 10
    assert "twice" in finding.reading


def test_a_second_training_without_a_header_is_no_copy() -> None:
    finding = fires("LOG002", second_run())
    assert finding.measured["epochs_with_same_figures"] == 0
    assert finding.causes == ("a second training ran in the same process",)


def test_a_part_of_equal_figures_is_no_copy() -> None:
    run = second_run()
    values = run.epochs["val_rmse"].to_numpy().copy()
    values[:3] = CURVE[:3]
    finding = fires("LOG002", replace(run, epochs=run.epochs.assign(val_rmse=values)))
    same = ("epochs_with_same_figures", "epochs_compared")
    assert [finding.measured[name] for name in same] == [3, 10]
    assert "twice" not in finding.reading


def test_epochs_that_are_missing_at_the_border_are_named_and_no_break_denied() -> None:
    finding = fires("LOG002", resumed(first=31))
    assert finding.severity == "note"
    assert finding.reading == "After E20 the log goes on with E31 (E21-E30 missing)."
    assert finding.measured["missing_epochs"] == 10


def test_a_schedule_that_starts_again_after_a_gap_is_a_warning() -> None:
    finding = fires("LOG002", resumed(lr=cosine_lr(WHOLE)[:10], first=31))
    assert finding.severity == "warning"
    assert finding.measured["repeats_first_rates"] is True


def test_where_nothing_can_be_compared_no_break_is_denied() -> None:
    run = make_run(val_rmse=CURVE, epochs=range(21, 61), predecessor=Predecessor(20, 9))
    assert fires("LOG002", run).reading == "After E20 the log goes on with E21."


def test_a_run_goes_on_at_the_logging_interval() -> None:
    columns = {"val_rmse": CURVE}
    before = Predecessor(20, 30, tail=facts(columns, 1, 20)[4::5])
    run = make_run(val_rmse=CURVE[24::5], epochs=range(25, 41, 5), predecessor=before)
    assert fires("LOG002", run).reading == "After E20 the log goes on with E25."


def test_the_rate_of_the_only_group_that_a_run_passes_on_is_compared() -> None:
    """The largest group is judged elsewhere; of the run before only `lr` is known."""
    run, rates = resumed(lr=cosine_lr(WHOLE)[:CUT]), cosine_lr(WHOLE)[:CUT]
    more = {"opt_lr/0": rates, "opt_lr/1": rates / 2, "opt_params/0": 1.0, "opt_params/1": 9.0}
    finding = fires("LOG002", replace(run, epochs=run.epochs.assign(**more)))
    assert (finding.severity, finding.measured["repeats_first_rates"]) == ("warning", True)


def test_false_alarm_a_run_of_its_own_that_logs_every_fifth_epoch() -> None:
    before = Predecessor(40, 30, tail=facts({"val_rmse": CURVE}, 1, 40)[4::5])
    run = make_run(val_rmse=CURVE[4::5], epochs=range(5, 41, 5), predecessor=before)
    assert is_silent("LOG002", run) == "a run of its own, not a continuation"


def test_near_miss_a_step_within_the_noise_is_no_break() -> None:
    assert fires("LOG002", resumed(after=1.01 * CURVE[CUT:])).severity == "note"


def test_false_alarm_a_run_of_its_own_under_its_own_header() -> None:
    started = make_run().started
    reason = is_silent("LOG002", second_run(started=started))
    assert reason == "a run of its own, not a continuation"


def test_false_alarm_a_planned_cut_just_at_the_border() -> None:
    rates = np.concatenate([np.full(CUT, 1e-3), np.full(CUT, 1e-4)])
    columns = {"lr": rates, "val_rmse": CURVE}
    run = make_run(
        lr=rates[CUT:],
        val_rmse=CURVE[CUT:],
        epochs=range(CUT + 1, WHOLE + 1),
        predecessor=Predecessor(CUT, 30, head=facts(columns, 1, 5), tail=facts(columns, 1, CUT)),
        resolution=LR_PRINTED,
    )
    finding = fires("LOG002", run)
    assert finding.severity == "note"
    assert finding.measured["lr_ratio"] == 0.1
    assert finding.causes == ("a cut of the rate was planned here",)


def test_false_alarm_a_rate_that_was_set_anew() -> None:
    rates = np.full(CUT, 1e-3)
    columns = {"lr": rates, "val_rmse": CURVE}
    before = Predecessor(
        CUT,
        30,
        head=facts(columns, 1, 5),
        tail=facts(columns, 1, CUT),
        settings=(("LEARNING_RATE", "0.001"),),
    )
    run = make_run(
        lr=np.full(CUT, 3e-3),
        val_rmse=CURVE[CUT:],
        epochs=range(CUT + 1, WHOLE + 1),
        settings={"LEARNING_RATE": 0.003},
        predecessor=before,
    )
    finding = fires("LOG002", run)
    assert finding.severity == "note"
    assert finding.measured["changed_settings"] == "LEARNING_RATE 0.001 -> 0.003"


def test_a_first_run_has_nothing_to_go_on_from() -> None:
    assert is_silent("LOG002", make_run(val_rmse=CURVE)) == ""
    assert ask("LOG002", make_run())[1].outcome == "not-applicable"


def test_a_run_before_without_facts_breaks_nothing() -> None:
    run = make_run(val_rmse=CURVE, epochs=range(21, 61), predecessor=Predecessor(20, 9))
    assert fires("LOG002", run).severity == "note"


@pytest.mark.parametrize("is_declared", [True, False], ids=["declared", "undeclared"])
def test_a_rate_that_falls_as_the_declared_schedule_does_is_no_break(is_declared: bool) -> None:
    """Resumed at the last epochs of a cosine, where its steps are largest."""
    declared = {"SCHEDULE": "cosine", "LR": 1e-3, "MAX_EPOCHS": CUT + 2} if is_declared else {}
    rates = cosine_lr(CUT + 2)[CUT:]
    run = replace(resumed(lr=rates, after=CURVE[CUT : CUT + 2]), settings=make_settings(declared))
    found = ask("LOG002", run)[0]
    assert [str(finding.severity) for finding in found] == ["note" if is_declared else "warning"]
