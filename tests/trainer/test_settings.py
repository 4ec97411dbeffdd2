"""Settings are checked before training: what is wrong is named, what is right is printed."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from trainer.errors import TrainerError
from trainer.settings import ENCODERS, Settings

SCHEDULE_KEYS = {
    "onecycle": {
        *("ONECYCLE_MAX_LR", "ONECYCLE_DIV_FACTOR", "ONECYCLE_FINAL_DIV"),
        *("ONECYCLE_PCT_START", "ONECYCLE_STRATEGY"),
    },
    "cosine": {"LEARNING_RATE", "MIN_LR", "WARMUP_STEPS"},
    "restarts": {"LEARNING_RATE", "MIN_LR", "RESTART_EPOCHS"},
    "linear": {"LEARNING_RATE", "MIN_LR", "WARMUP_STEPS"},
    "multistep": {"LEARNING_RATE", "MILESTONES", "LR_FACTOR", "WARMUP_STEPS"},
    "plateau": {
        *("LEARNING_RATE", "MIN_LR", "LR_FACTOR", "WARMUP_STEPS"),
        *("PLATEAU_PATIENCE", "PLATEAU_THRESHOLD"),
    },
    "constant": {"LEARNING_RATE", "WARMUP_STEPS"},
}
ALL_SCHEDULE_KEYS = set().union(*SCHEDULE_KEYS.values())


def refusal(given: dict[str, Any]) -> str:
    with pytest.raises(TrainerError) as caught:
        Settings.from_mapping(given)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("given", "near"),
    [
        ("TRAIN_BATHC", "TRAIN_BATCH"),
        ("max_epochs", "MAX_EPOCHS"),
        ("ONECYCLE_MAXLR", "ONECYCLE_MAX_LR"),
    ],
)
def test_an_unknown_key_gets_the_nearest_name(given: str, near: str) -> None:
    assert refusal({given: 1}) == f"unknown setting {given}, did you mean {near}?"


def test_a_key_like_no_other_gets_no_guess() -> None:
    assert refusal({"XQZ": 1}) == "unknown setting XQZ"


@pytest.mark.parametrize(
    ("key", "value", "kind"),
    [
        ("MAX_EPOCHS", True, "a whole number"),
        ("MAX_EPOCHS", 4.0, "a whole number"),
        ("MAX_EPOCHS", "4", "a whole number"),
        ("CLIPNORM", "3.0", "a number"),
        ("CLIPNORM", True, "a number"),
        ("CLIPNORM", [3.0], "a number"),
        ("USE_CONV", 1, "true or false"),
        ("TASK", 3, "a text"),
        ("MILESTONES", 3, "a list of numbers"),
        ("MILESTONES", "3", "a list of numbers"),
    ],
)
def test_a_value_of_another_type_is_refused(key: str, value: object, kind: str) -> None:
    assert refusal({key: value}) == f"{key} must be {kind}, not {value!r}"


@pytest.mark.parametrize("value", [[0], [3, -1], [3, 5.0], ["3"], [[3]]])
def test_milestones_are_positive_epoch_numbers(value: list[object]) -> None:
    given = {"SCHEDULE": "multistep", "MILESTONES": value}
    assert refusal(given).startswith("MILESTONES must be a list of positive epoch numbers, not [")


def test_whole_numbers_pass_for_numbers_and_lists_for_milestones() -> None:
    found = Settings.from_mapping(
        {"CLIPNORM": 3, "SCHEDULE": "multistep", "MILESTONES": [3, 6], "WEIGHT_DECAY": 0}
    )
    assert type(found.CLIPNORM) is float and found.CLIPNORM == 3
    assert type(found.WEIGHT_DECAY) is float and found.WEIGHT_DECAY == 0
    assert found.MILESTONES == (3, 6)


# ---- encoders ---------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ENCODERS)
def test_choosing_an_encoder_switches_off_the_default(key: str) -> None:
    found = Settings.from_mapping({key: True})
    assert [name for name in ENCODERS if getattr(found, name)] == [key]


def test_without_a_choice_the_encoder_is_the_transformer() -> None:
    assert Settings.from_mapping({}).USE_TRANSFORMER
    assert Settings.from_mapping({"USE_CONV": False}).USE_TRANSFORMER


def test_two_encoders_are_refused_by_name() -> None:
    message = refusal({"USE_LONG_LSTM": True, "USE_TCN": True})
    assert message.endswith("must be true, found USE_TCN and USE_LONG_LSTM")
    message = refusal({"USE_TRANSFORMER": True, "USE_CONV": True})
    assert message.endswith("must be true, found USE_CONV and USE_TRANSFORMER")


def test_no_encoder_is_refused() -> None:
    message = refusal({"USE_TRANSFORMER": False})
    assert message == f"exactly one of {', '.join(ENCODERS)} must be true, found none"


# ---- schedules --------------------------------------------------------------------------------


def of_schedule(name: str, **more: object) -> Settings:
    milestones = {"MILESTONES": [2]} if name == "multistep" else {}
    return Settings.from_mapping({"SCHEDULE": name, **milestones, **more})


@pytest.mark.parametrize("schedule", SCHEDULE_KEYS)
@pytest.mark.parametrize("key", sorted(ALL_SCHEDULE_KEYS))
def test_another_schedules_key_is_refused_with_its_own(schedule: str, key: str) -> None:
    default = getattr(Settings(), key)
    value = [3] if key == "MILESTONES" else default
    if key in SCHEDULE_KEYS[schedule]:
        found = getattr(of_schedule(schedule, **{key: value}), key)
        assert found == (tuple(value) if isinstance(value, list) else value)
        return
    with pytest.raises(TrainerError) as caught:
        of_schedule(schedule, **{key: value})
    owners, refused = str(caught.value).split(", not ")
    assert refused == schedule
    assert owners.startswith(f"{key} belongs to SCHEDULE ")
    named = set(owners.removeprefix(f"{key} belongs to SCHEDULE ").split(" or "))
    assert named == {name for name, keys in SCHEDULE_KEYS.items() if key in keys}


@pytest.mark.parametrize("schedule", SCHEDULE_KEYS)
def test_only_the_chosen_schedules_keys_are_printed(schedule: str) -> None:
    printed = of_schedule(schedule).printed()
    assert ALL_SCHEDULE_KEYS & set(printed) == SCHEDULE_KEYS[schedule]
    assert set(printed) - ALL_SCHEDULE_KEYS == set(vars(Settings())) - ALL_SCHEDULE_KEYS
    assert printed["SCHEDULE"] == schedule


@pytest.mark.parametrize("schedule", SCHEDULE_KEYS)
@pytest.mark.parametrize("encoder", ENCODERS)
def test_what_is_printed_makes_the_same_settings(schedule: str, encoder: str) -> None:
    found = of_schedule(schedule, **{encoder: True, "SEED": 7, "CLIPNORM": 0.5, "USE_DELTA": True})
    assert Settings.from_mapping(found.printed()) == found


def test_what_a_letters_run_prints_makes_it_again() -> None:
    found = Settings.from_mapping({"TASK": "letters", "TRANSFORMER_LAYERS": 3, "SEED": 5})
    assert Settings.from_mapping(found.printed()) == found


def test_multistep_needs_milestones_and_prints_them_as_a_list() -> None:
    assert refusal({"SCHEDULE": "multistep"}) == "SCHEDULE multistep needs MILESTONES"
    assert refusal({"SCHEDULE": "multistep", "MILESTONES": []}).endswith("needs MILESTONES")
    assert of_schedule("multistep").printed()["MILESTONES"] == [2]


# ---- ranges -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("SEED", -1),
        ("FEATURES", 5),
        ("TRAIN_WINDOWS", 7),
        ("LOOK_BACK", 7),
        ("TCN_KERNEL", 1),
        ("MAX_EPOCHS", 0),
        ("TRAIN_BATCH", 0),
        ("CLIPNORM", -0.5),
        ("CLIPNORM", math.nan),
        ("CLIPNORM", math.inf),
        ("ONECYCLE_MAX_LR", math.inf),
        ("TARGET_NOISE", -math.inf),
        ("DROPOUT_TRANS", 1.0),
        ("DROPOUT_SHORT", 1.5),
        ("DROPOUT_LONG", 1),
        ("TARGET_INERTIA", 1.0),
        ("TASK", "images"),
        ("FLATTEN_MODE", "max"),
        ("ACTIVATION", "swish"),
        ("OPTIMIZER", "adam"),
        ("PRECISION", "fp64"),
        ("SCHEDULE", "step"),
        ("ONECYCLE_STRATEGY", "poly"),
        ("ONECYCLE_PCT_START", 0.0),
        ("ONECYCLE_PCT_START", 1.0),
    ],
)
def test_a_value_out_of_range_is_refused_by_name(key: str, value: object) -> None:
    message = refusal({key: value})
    assert message.startswith(f"{key} must ")
    assert str(value) in message or message.endswith("must be finite")


def test_choices_are_listed() -> None:
    assert refusal({"PRECISION": "fp64"}) == (
        "PRECISION must be one of bf16, fp16, fp32, not 'fp64'"
    )


@pytest.mark.parametrize(
    "given",
    [
        {"SEED": 0},
        {"LOOK_BACK": 8, "FEATURES": 6, "TRAIN_WINDOWS": 8, "VAL_WINDOWS": 8},
        {"DROPOUT_TRANS": 0.99, "TARGET_INERTIA": 0.998},
        {"CLIPNORM": 0.0},
        {"AUGMENT_OFF_LAST": 4, "MAX_EPOCHS": 4},
    ],
)
def test_the_ends_of_the_ranges_are_allowed(given: dict[str, Any]) -> None:
    found = Settings.from_mapping(given)
    assert {key: getattr(found, key) for key in given} == given


@pytest.mark.parametrize(("width", "heads"), [(16, 3), (15, 5), (2, 4)])
def test_heads_divide_an_even_width(width: int, heads: int) -> None:
    message = refusal({"TRANSFORMER_D_MODEL": width, "TRANSFORMER_HEADS": heads})
    assert message.startswith("TRANSFORMER_D_MODEL must be even and a multiple")
    assert message.endswith(f"not {width} and {heads}")


def test_settings_that_exclude_each_other_are_refused() -> None:
    assert "AUGMENT_OFF_LAST" in refusal({"AUGMENT_OFF_LAST": 5, "MAX_EPOCHS": 4})
    assert "USE_DELTA" in refusal({"TASK": "letters", "USE_DELTA": True})


# ---- files ------------------------------------------------------------------------------------


def test_a_file_is_a_mapping(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_text('SCHEDULE = "multistep"\nMILESTONES = [3, 6]\nUSE_TCN = true\nSEED = 4\n')
    assert Settings.from_toml(path) == Settings.from_mapping(
        {"SCHEDULE": "multistep", "MILESTONES": [3, 6], "USE_TCN": True, "SEED": 4}
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "cannot be read as a configuration"),
        (b"SEED 4", "cannot be read as a configuration"),
        (b"TASK = '\xff'", "cannot be read as a configuration"),
        (b"SEED = 4\nSEED = 5\n", "cannot be read as a configuration"),
        (b"SEDE = 4", "unknown setting SEDE, did you mean SEED?"),
        (b"SEED = 4.5", "SEED must be a whole number, not 4.5"),
        (b"SEED = -4", "SEED must be at least 0"),
        (b"[series]\nSEED = 4", "unknown setting series"),
    ],
)
def test_a_files_fault_carries_its_name(tmp_path: Path, content: bytes | None, reason: str) -> None:
    path = tmp_path / "run.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TrainerError) as caught:
        Settings.from_toml(path)
    assert str(caught.value).startswith(f"{path}: {reason}")
    assert str(caught.value).count(str(path)) == (2 if content is None else 1)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"SCHEDULE": "linear", "MIN_LR": 0.1}, "MIN_LR must not be above LEARNING_RATE"),
        ({"SCHEDULE": "plateau", "LR_FACTOR": 1.0}, "LR_FACTOR must be below 1"),
        ({"TASK": "letters", "ALPHA_SMOOTH": 1.5}, "ALPHA_SMOOTH must be below 1"),
        ({"ONECYCLE_MAX_LR": 10**400}, "ONECYCLE_MAX_LR must be above 0 and at most"),
        ({"SCHEDULE": "multistep", "MILESTONES": [True]}, "list of positive epoch numbers"),
        ({"TASK": "letters", "LOOK_BACK": 20}, "LOOK_BACK belongs to TASK series"),
        ({"SEED": -5}, "SEED must be at least 0"),
    ],
)
def test_what_would_fail_later_is_refused_at_once(given: dict[str, object], words: str) -> None:
    with pytest.raises(TrainerError, match=words):
        Settings.from_mapping(given)
