"""HYP002: exclusive options, and settings that nothing reads."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from logparse.findings import Confidence, Severity
from logparse.rules.option_groups import CHILDREN, KNOWN_DEFAULTS, declared_groups
from tests.rules.asking import ask, fires, is_silent
from tests.runs import make_parameters, make_run, make_settings, power_law

ENCODERS = {
    "USE_CONV": False,
    "USE_TCN": False,
    "USE_SHORT_LSTM": False,
    "USE_TRANSFORMER": True,
    "USE_LONG_LSTM": False,
}
TRAINER = {"TASK": "series", "TARGET_NOISE": 0.25, "AUGMENT_NOISE": 0.15, "LAST_VALUE_SKIP": False}


def run_with(*names: str, **settings: Any) -> Any:
    """A run of these settings, whose log shows tensors of these names."""
    norms = {name: [0.1, 0.1] for name in names}
    return make_run(
        val_rmse=power_law(2),
        settings={**ENCODERS, **settings},
        parameters=make_parameters(norms) if names else None,
    )


def test_two_options_of_a_declared_group_are_an_error() -> None:
    run = run_with(USE_CONV=True, EXCLUSIVE_OPTIONS=", ".join(ENCODERS))
    found = fires("HYP002", run)
    assert (found.severity, found.confidence) == (Severity.ERROR, Confidence.HIGH)
    assert found.measured["on"] == "USE_CONV, USE_TRANSFORMER"
    assert found.remedies == ("USE_TRANSFORMER True -> False",)


def test_none_of_a_declared_group_is_an_error() -> None:
    found = fires("HYP002", run_with(USE_TRANSFORMER=False, ONE_OF=list(ENCODERS)))
    assert found.severity is Severity.ERROR
    assert found.measured["count"] == 0
    assert found.remedies[0].startswith("switch on one of USE_CONV")


@pytest.mark.parametrize("name", ["NON_EXCLUSIVE", "NOT_EXCLUSIVE", "NONE_OF", "INCLUSIVE"])
def test_a_name_that_only_sounds_so_declares_no_group(name: str) -> None:
    found = fires("HYP002", run_with(USE_CONV=True, **{name: ", ".join(ENCODERS)}))
    assert found.severity is Severity.NOTE


def test_exactly_one_of_a_declared_group_is_right() -> None:
    assert is_silent("HYP002", run_with(EXCLUSIVE_OPTIONS=" ".join(ENCODERS))) == ""


def test_a_declaration_of_some_options_says_nothing_of_the_others() -> None:
    run = run_with("conv.weight", "transformer.weight", USE_CONV=True, ONE_OF="USE_CONV USE_TCN")
    assert "stacked" in is_silent("HYP002", run)


def test_a_guessed_group_is_only_a_note_of_low_confidence() -> None:
    found = fires("HYP002", run_with(USE_CONV=True))
    assert (found.severity, found.confidence) == (Severity.NOTE, Confidence.LOW)


def test_the_option_without_tensors_is_the_one_to_switch_off() -> None:
    names = ("0.self_attn.in_proj_weight", "feature_proj.weight")
    found = fires("HYP002", run_with(*names, USE_TCN=True))
    assert found.measured["without_tensors"] == "USE_TCN"
    assert found.remedies == ("USE_TCN True -> False",)


def test_modules_that_are_stacked_on_purpose_are_recognised() -> None:
    names = ("short_lstm.weight_ih_l0", "self_attn.in_proj_weight")
    said = is_silent("HYP002", run_with(*names, USE_SHORT_LSTM=True))
    assert said == "USE_SHORT_LSTM and USE_TRANSFORMER are stacked: the log shows tensors of each"


def test_modules_are_recognised_by_their_gradient_norms_and_by_the_header_too() -> None:
    run = make_run(
        settings={**ENCODERS, "USE_LONG_LSTM": True}, more={"grad_norm/transformer": [0.1]}
    )
    assert fires("HYP002", run).measured["without_tensors"] == "USE_LONG_LSTM"
    named = replace(run, model={"sample_params": ["long_lstm.weight_ih_l0"]})
    assert "stacked" in is_silent("HYP002", named)


def test_no_encoder_at_all_is_not_judged_unless_it_is_declared() -> None:
    assert is_silent("HYP002", run_with(USE_TRANSFORMER=False)) == ""


def test_decoders_are_a_group_too_in_any_case() -> None:
    found = fires(
        "HYP002",
        make_run(settings={"enable_mdn_decoder": True, "use_mixture_decoder": True}),
    )
    assert found.measured["on"] == "enable_mdn_decoder, use_mixture_decoder"


def test_a_changed_setting_of_a_module_that_is_off_is_a_note() -> None:
    found = fires("HYP002", run_with(**TRAINER, DROPOUT_LONG=0.5, LONG_UNITS=24))
    assert (found.severity, found.confidence) == (Severity.NOTE, Confidence.HIGH)
    assert found.measured["changed"] == "DROPOUT_LONG 0.5 (default 0.1)"
    assert found.remedies == ("take DROPOUT_LONG out",)


def test_a_module_is_not_to_be_switched_on_beside_its_alternative() -> None:
    settings = {**TRAINER, **dict.fromkeys(ENCODERS, False), "USE_HUBER": False}
    found = fires(
        "HYP002", make_run(settings={**settings, "DROPOUT_LONG": 0.5, "HUBER_DELTA": 2.0})
    )
    assert found.remedies == (
        "take DROPOUT_LONG, HUBER_DELTA out",
        "USE_LONG_LSTM False -> True",
        "USE_HUBER False -> True",
    )


def test_a_changed_setting_of_a_module_that_is_on_is_used() -> None:
    assert is_silent("HYP002", run_with(**TRAINER, DROPOUT_TRANS=0.5)) == ""


def test_where_the_program_is_unknown_so_are_its_defaults() -> None:
    assert is_silent("HYP002", run_with(DROPOUT_LONG=0.5, CONV_K=9)) == ""


def test_without_such_options_the_rule_does_not_apply() -> None:
    findings, check = ask("HYP002", make_run(settings={"USE_CONV": True, "SEED": 1}))
    assert findings == () and check.outcome == "not-applicable"


def test_a_group_can_be_given_as_an_option() -> None:
    settings = make_settings({**ENCODERS, "A": True, "B": False, "C": 3})
    given = "USE_CONV,USE_TCN; A B C; A"
    assert declared_groups(settings, given) == (("USE_CONV", "USE_TCN"), ("A", "B"))


def test_the_defaults_shipped_are_those_of_the_trainer() -> None:
    settings = pytest.importorskip("trainer.settings").Settings()
    (known,) = KNOWN_DEFAULTS
    assert known.values == {key: getattr(settings, key) for key in known.values}
    assert known.known_by <= settings.printed().keys()
    assert set(known.values) == {key for keys in CHILDREN.values() for key in keys}
    assert all(hasattr(settings, switch) for switch in CHILDREN)
