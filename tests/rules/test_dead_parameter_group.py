"""GRAD004 dead-parameter-group."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from logparse.judging import judge
from logparse.records import Resolution
from logparse.rules import select_rules
from tests.rules.asking import ask, fires, is_silent
from tests.runs import Array, make_parameters, make_run, power_law

if TYPE_CHECKING:
    from logparse.run import Run

N = 12
TRAINABLE = {"total_params": 1000, "trainable_params": 1000, "frozen_params": 0}
PARTLY = {"total_params": 1000, "trainable_params": 400, "frozen_params": 600}


def norms(**changed: Array) -> dict[str, Array]:
    """A small model whose tensors all move, but for those changed; `__` stands for a dot."""
    names = ("proj.weight", "proj.bias", "conv.weight", "conv.bias", "head.weight", "head.bias")
    moving = {name: np.full(N, 0.1) for name in names}
    return {**moving, **{name.replace("__", "."): value for name, value in changed.items()}}


def run_with(lists: dict[str, Array], model: dict[str, Any] | None = None, **more: Any) -> Run:
    run = make_run(val_rmse=power_law(N), parameters=make_parameters(lists), **more)
    return replace(run, model=TRAINABLE if model is None else model)


DEAD = np.zeros(N)
DETACHED = norms(proj__weight=DEAD, proj__bias=DEAD)
DIES = np.concatenate([np.full(N - 4, 0.1), np.zeros(4)])


def test_a_trainable_part_without_gradient_is_an_error() -> None:
    finding = fires("GRAD004", run_with(DETACHED))
    assert (finding.severity, finding.confidence) == ("error", "high")
    assert finding.epochs == (1, N)
    assert (finding.measured["dead_tensors"], finding.measured["living_tensors"]) == (2, 4)
    assert "proj.weight" in finding.reading and "detach()" in finding.causes[0]


def test_a_declared_frozen_part_is_a_note() -> None:
    finding = fires("GRAD004", run_with(DETACHED, PARTLY))
    assert finding.severity == "note" and "declares" in finding.causes[0]


def test_a_setting_that_freezes_makes_it_a_note() -> None:
    run = run_with(DETACHED, settings={"FREEZE_TILL": "conv"})
    assert fires("GRAD004", run).severity == "note"


def test_a_log_that_does_not_say_what_is_trainable_gives_a_warning() -> None:
    assert fires("GRAD004", run_with(DETACHED, {})).severity == "warning"


def test_a_part_that_stops_is_a_warning_from_the_epoch_where_it_stopped() -> None:
    finding = fires("GRAD004", run_with(norms(conv__weight=DIES, conv__bias=DIES)))
    assert (finding.severity, finding.confidence) == ("warning", "medium")
    assert finding.epochs == (N - 3, N) and finding.measured["has_stopped"] is True


def test_parts_that_stop_one_after_the_other_are_not_said_to_stop_at_once() -> None:
    later = np.concatenate([np.full(N - 2, 0.1), np.zeros(2)])
    finding = fires("GRAD004", run_with(norms(conv__weight=DIES, proj__weight=later)))
    assert "since E09 at the earliest, E11 at the latest: " in finding.reading
    together = fires("GRAD004", run_with(norms(conv__weight=DIES, conv__bias=DIES)))
    assert "since E09: " in together.reading


def test_a_head_that_is_switched_off_does_not_say_when_the_others_stopped() -> None:
    early = np.concatenate([np.full(2, 0.1), np.zeros(N - 2)])
    lists = norms(delta_head__weight=early, conv__weight=DIES)
    assert fires("GRAD004", run_with(lists, settings={"USE_DELTA": False})).epochs == (N - 3, N)


def test_what_the_log_declares_as_frozen_may_stay_so() -> None:
    assert fires("GRAD004", run_with(DETACHED, PARTLY)).remedies[0].startswith("nothing, if")
    assert "detach()" in fires("GRAD004", run_with(DETACHED)).remedies[0]


@pytest.mark.parametrize("word", ["none", "no", "off", False, 0])
def test_a_setting_that_freezes_nothing_declares_nothing(word: object) -> None:
    assert fires("GRAD004", run_with(DETACHED, settings={"FREEZE": word})).severity == "error"


def test_a_run_with_a_warm_up_is_told_of_a_longer_one() -> None:
    lists = norms(conv__weight=DIES)
    edits = [
        fires("GRAD004", run_with(lists, settings=settings)).remedies
        for settings in ({}, {"WARMUP_EPOCHS": 3})
    ]
    assert "a warm-up over 5% of the steps" in edits[0] and "a longer warm-up" in edits[1]


def test_what_stops_in_fp16_may_only_be_rounded() -> None:
    settings = {"PRECISION": "fp16", "LEARNING_RATE": 0.03}
    finding = fires("GRAD004", run_with(norms(conv__weight=DIES), settings=settings))
    assert "fp16" in finding.causes[0] and "bf16" in finding.remedies[0]
    assert finding.remedies[1] == "LEARNING_RATE 0.03 -> 0.01"


@pytest.mark.parametrize(
    ("settings", "is_fp16"),
    [({"AMP_DTYPE": "torch.float16"}, True), ({"PADDING": "half", "PRECISION": "fp32"}, False)],
)
def test_fp16_is_what_names_a_number_format(settings: dict[str, Any], is_fp16: bool) -> None:
    finding = fires("GRAD004", run_with(norms(conv__weight=DIES), settings=settings))
    assert any("fp16" in cause for cause in finding.causes) is is_fp16


def test_near_miss_silent_after_one_epoch_of_zeros() -> None:
    once = np.concatenate([np.full(N - 1, 0.1), [0.0]])
    is_silent("GRAD004", run_with(norms(conv__weight=once)))


def test_false_alarm_biases_before_a_normalisation_or_a_softmax() -> None:
    lists = norms(conv__bias=DEAD, attn_pool__bias=DEAD, layer__in_proj_bias=DEAD)
    is_silent("GRAD004", run_with(lists))


def test_false_alarm_a_head_that_is_switched_off() -> None:
    lists = norms(delta_head__weight=DEAD, delta_head__bias=DEAD)
    assert "switched off" in is_silent("GRAD004", run_with(lists, settings={"USE_DELTA": False}))
    assert fires("GRAD004", run_with(lists, settings={"USE_DELTA": True})).severity == "error"


def test_false_alarm_gradual_unfreezing() -> None:
    is_silent("GRAD004", run_with(norms(proj__weight=DIES[::-1], proj__bias=DIES[::-1])))


def test_false_alarm_norms_printed_as_0_000_are_only_small() -> None:
    run = run_with(DETACHED, resolution={"parameters/grad_norm": Resolution(3)})
    assert ask("GRAD004", run)[1].outcome == "not-applicable"


def test_false_alarm_epochs_in_which_nothing_moves() -> None:
    is_silent("GRAD004", run_with(dict.fromkeys(norms(), DIES)))


@pytest.mark.parametrize(
    ("found", "model", "severity"),
    [(6, TRAINABLE, "warning"), (30, PARTLY, "note"), (34, TRAINABLE, None)],
)
def test_counts_speak_where_lists_do_not(
    found: int, model: dict[str, Any], severity: str | None
) -> None:
    bare = make_run(val_rmse=power_law(N))
    counts: dict[str, Any] = {"group_nonzero_counts": [found]}
    run = replace(bare, model=model, optimizer={"counts": (36,)}, micro=counts)
    findings, check = ask("GRAD004", run)
    assert [f.severity for f in findings] == ([] if severity is None else [severity]), check


def test_one_epoch_of_lists_is_too_short() -> None:
    parameters = make_parameters({name: values[:1] for name, values in DETACHED.items()})
    run = make_run(val_rmse=[0.1], parameters=parameters)
    assert ask("GRAD004", run)[1].outcome == "too-short"


def test_without_lists_and_counts_it_is_not_applicable() -> None:
    assert ask("GRAD004", make_run(val_rmse=power_law(N)))[1].outcome == "not-applicable"


def vanished(shallow: Array) -> Run:
    """Nine layers whose norms fall by half a decade each; the shallowest as given."""
    lists = {f"blocks.{k}.weight": np.full(N, 10.0 ** (0.5 * k - 4)) for k in range(9)}
    lists["blocks.0.weight"] = shallow
    return run_with(lists, {"frozen_params": 0})


def test_what_vanished_before_it_died_is_an_echo_of_grad001() -> None:
    fades = np.concatenate([np.geomspace(1e-4, 1e-20, N - 3), np.zeros(3)])
    report = judge(replace_metric(vanished(fades)), select_rules(["GRAD001", "GRAD004"]))
    assert [finding.code for finding in report.findings] == ["GRAD001"]
    assert report.checks[1].outcome == "suppressed"


def replace_metric(run: Run) -> Run:
    """The same run, having learned nothing."""
    return replace(run, epochs=run.epochs.assign(val_rmse=0.12))
