"""Names under which programs declare what signals and rules look for, and how to look them up.

Keys are met in any case; of several the first of the list counts.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from logparse.settings import Settings

NAME_KEYS = (
    *("SCHEDULE", "SCHEDULER", "LR_SCHEDULE", "LR_SCHEDULER", "SCHEDULER_TYPE", "SCHED"),
    *("LR_SCHEDULER_TYPE", "SCHEDULE_TYPE", "SCHEDULER_NAME", "LR_POLICY", "LR_SCHED"),
)
PEAK_KEYS = ("LEARNING_RATE", "BASE_LR", "INITIAL_LR", "INIT_LR", "LR0", "LR", "MAX_LR")
FLOOR_KEYS = ("MIN_LR", "ETA_MIN", "LR_MIN", "END_LR", "FINAL_LR", "MIN_LEARNING_RATE")
LENGTH_KEYS = ("T_MAX", "SCHEDULE_EPOCHS", "SCHEDULER_EPOCHS", "LR_DECAY_EPOCHS")
PERIOD_KEYS = ("RESTART_EPOCHS", "T_0", "T0")
GROWTH_KEYS = ("T_MULT", "RESTART_MULT")
GAMMA_KEYS = ("LR_FACTOR", "GAMMA", "LR_GAMMA", "LR_DECAY", "LR_DECAY_FACTOR", "STEP_GAMMA")
STEP_KEYS = ("STEP_SIZE", "LR_STEP_SIZE", "STEP_EPOCHS", "LR_STEP")
MILESTONE_KEYS = ("MILESTONES", "LR_MILESTONES", "LR_STEPS", "SCHEDULER_MILESTONES")
POWER_KEYS = ("POWER", "POLY_POWER", "LR_POWER")
WARM_UP_EPOCHS_KEYS = ("WARMUP_EPOCHS", "WARM_UP_EPOCHS", "LR_WARMUP_EPOCHS")
WARM_UP_STEPS_KEYS = ("WARMUP_STEPS", "WARM_UP_STEPS", "NUM_WARMUP_STEPS", "LR_WARMUP_STEPS")
WARM_UP_SHARE_KEYS = ("WARMUP_RATIO", "WARMUP_FRACTION", "WARMUP_SHARE")
STEPS_KEYS = ("STEPS_PER_EPOCH", "BATCHES_PER_EPOCH", "ITERS_PER_EPOCH")
SAMPLES_KEYS = ("TRAIN_WINDOWS", "TRAIN_SAMPLES", "TRAIN_SIZE", "NUM_TRAIN_SAMPLES", "N_TRAIN")
OPTIMIZER_KEYS = ("OPTIMIZER", "OPTIMIZER_NAME", "OPTIM", "OPT")
CLIP_KEYS = (
    *("CLIPNORM", "CLIP_NORM", "GRAD_CLIP", "GRAD_CLIP_NORM", "MAX_GRAD_NORM"),
    *("CLIP_GRAD_NORM", "GRADIENT_CLIP_VAL"),
)
BATCH_KEYS = ("TRAIN_BATCH", "BATCH_SIZE", "TRAIN_BATCH_SIZE")

PATIENCE_MARKS = ("PLATEAU", "SCHED", "LR", "REDUCE")
THRESHOLD_KEYS = ("PLATEAU_THRESHOLD", "LR_THRESHOLD", "SCHEDULER_THRESHOLD", "PLATEAU_MIN_DELTA")
COOLDOWN_KEYS = ("PLATEAU_COOLDOWN", "LR_COOLDOWN", "SCHEDULER_COOLDOWN", "COOLDOWN")
STOP_KEYS = ("EARLY_STOP_PATIENCE", "EARLY_STOPPING_PATIENCE", "ES_PATIENCE", "STOP_PATIENCE")
MIN_DELTA_KEYS = (
    *("EARLY_STOP_MIN_DELTA", "EARLY_STOPPING_MIN_DELTA", "EARLY_STOP_DELTA", "ES_MIN_DELTA"),
    *("EARLY_STOP_THRESHOLD", "MIN_DELTA"),
)
GRACE_KEYS = ("EARLY_STOP_START", "EARLY_STOP_WARMUP", "START_FROM_EPOCH", "EARLY_STOP_MIN_EPOCHS")
SEED_KEYS = ("SEED", "RANDOM_SEED", "MANUAL_SEED", "GLOBAL_SEED", "RNG_SEED", "TORCH_SEED")
HORIZON_KEYS = (
    *("HORIZON", "FORECAST_HORIZON", "PREDICTION_HORIZON", "PRED_LEN", "PREDICTION_LENGTH"),
    *("FORECAST_LENGTH", "OUTPUT_LEN", "OUT_LEN", "TARGET_SHIFT", "N_AHEAD", "STEPS_AHEAD"),
)
INTERVAL_KEYS = ("CHECK_VAL_EVERY_N_EPOCH", "VAL_EVERY", "VAL_INTERVAL", "EVAL_EVERY")


def setting(settings: Settings, keys: Iterable[str]) -> tuple[str, float] | None:
    """The first of the keys, in any case, that is declared as a number, with the number."""
    names = {key.upper(): key for key in settings}
    for key in keys:
        number = settings.number(names[key]) if key in names else None
        if number is not None:
            return names[key], number
    return None


def number(settings: Settings, keys: Iterable[str]) -> float | None:
    """The value of the first of the keys that is declared as a number."""
    found = setting(settings, keys)
    return None if found is None else found[1]


def positive(settings: Settings, keys: Iterable[str]) -> tuple[str, float] | None:
    """The first of the keys that is declared as a finite number above 0, with the number."""
    found = (setting(settings, [key]) for key in keys)
    return next((one for one in found if one is not None and 0 < one[1] < math.inf), None)


def plateau_patience_key(settings: Settings) -> str | None:
    """The setting that holds the patience of a plateau scheduler, if the run declares one."""
    for key in settings:
        name = key.upper()
        is_for_lr = name == "PATIENCE" or any(mark in name for mark in PATIENCE_MARKS)
        if "PATIENCE" in name and is_for_lr and "STOP" not in name and "EARLY" not in name:
            return key
    return None
