"""Reading what a log declares: counts as people write them, rates as headers print them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from logparse.signals import Signals
from logparse.signals.consistency.declared import printed_count
from tests.runs import make_parameters, make_run


@pytest.mark.parametrize(
    ("text", "value", "half"),
    [
        ("614786", 614786, 0),
        ("614,786", 614786, 0),
        ("307K", 307_000, 500),
        ("2.3M", 2_300_000, 50_000),
        ("0.25 B", 250_000_000, 5_000_000),
    ],
)
def test_a_count_is_read_with_its_rounding(text: str, value: float, half: float) -> None:
    assert printed_count(text) == pytest.approx((value, half))


@pytest.mark.parametrize("text", ["", "None", "-3", "[1, 2]", "1e6", "3 layers", "9" * 400])
def test_other_text_is_no_count(text: str) -> None:
    assert printed_count(text) is None


@pytest.mark.parametrize(
    "settings",
    [
        {"ONECYCLE_MAX_LR": 1e308, "ONECYCLE_DIV_FACTOR": 1e-308},
        {"ONECYCLE_MAX_LR": 1e-320, "ONECYCLE_DIV_FACTOR": 1e300},
        {"ONECYCLE_MAX_LR": 0.1, "ONECYCLE_DIV_FACTOR": 0},
        {"ONECYCLE_MAX_LR": -1},
        {"LEARNING_RATE": 5e-324},
        {"LEARNING_RATE": 1e308, "WARMUP_STEPS": "None"},
        {"TOTAL_PARAMS": "9" * 250 + "M"},
        {"TRAIN_BATCH": 1e308, "LOOK_BACK": 0.5, "MAX_EPOCHS": 1e308},
    ],
)
def test_no_setting_makes_it_fail(settings: dict[str, object]) -> None:
    run = replace(
        make_run(lr=[1e-3, 1e-3], settings=settings),
        batch={"B": 10**400, "seq_len_full": -1, "feat": None},
        model={"total_params": 10**400, "trainable_params": True, "frozen_params": "x"},
        micro={"total_params": 3},
        optimizer={"groups": None, "lrs": (float("nan"), "x"), "counts": ("x", None)},
    )
    assert isinstance(Signals(run).consistency.mismatches(), tuple)
    lrs = replace(run, optimizer={"lrs": (1e-3,), "counts": (), "groups": 1})
    assert isinstance(Signals(lrs).consistency.mismatches(), tuple)


def test_tensor_names_come_from_the_first_epoch_the_norms_and_the_header() -> None:
    run = make_run(
        parameters=make_parameters({"a.weight": [1.0, 1.0], "b.weight": [1.0]}),
        more={"grad_norm/head": [0.1, 0.1], "grad_norm": [0.1, 0.1]},
    )
    named = replace(run, model={"sample_params": ["c.weight"]})
    assert Signals(named).consistency.tensor_names == {"a.weight", "b.weight", "head", "c.weight"}
