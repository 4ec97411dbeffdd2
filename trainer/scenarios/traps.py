"""Traps: runs that look like a fault and have none."""

from functools import partial

from trainer.scenarios import injections as inject
from trainer.scenarios.scenario import SGD, Scenario


def _trap(name: str, about: str, *forbids: str, **rest: object) -> Scenario:
    return Scenario(name, "trap", about, forbids=forbids, **rest)  # type: ignore[arg-type]


TRAPS = (
    _trap(
        "converging-gradients",
        "a target without noise: gradients shrink because the loss does",
        "GRAD001",
        "UPD001",
        settings={"TARGET_NOISE": 0.0, "AUGMENT_NOISE": 0.0, "MAX_EPOCHS": 60},
    ),
    _trap(
        "warm-restarts",
        "cosine with a restart every ten epochs: the loss rises at each",
        "LR001",
        "LOSS003",
        "LOSS005",
        "LOG002",
        settings={"SCHEDULE": "restarts", "LEARNING_RATE": 0.003},
    ),
    _trap(
        "short-onecycle",
        "a OneCycle of ten epochs",
        "LR001",
        "LR002",
        "LOSS002",
        settings={"MAX_EPOCHS": 10},
    ),
    _trap(
        "linear-decay",
        "the rate falls linearly from the first epoch on",
        "LR001",
        "LR002",
        settings={"SCHEDULE": "linear", "LEARNING_RATE": 0.003, "MAX_EPOCHS": 30},
    ),
    _trap(
        "dropout-gap",
        "strong augmentation and dropout: validation looks better than training",
        "GEN004",
        "GEN001",
        settings={"AUGMENT_NOISE": 0.4, "DROPOUT_TRANS": 0.2, "DROPOUT_LONG": 0.3},
    ),
    _trap(
        "early-stop",
        "a patient early stop ends a run that has nothing left to gain",
        "LOG001",
        "LOG003",
        "LOSS003",
        settings={
            "SCHEDULE": "plateau",
            "LEARNING_RATE": 0.003,
            "PLATEAU_PATIENCE": 3,
            "LR_FACTOR": 0.3,
            "MIN_LR": 1e-5,
            "EARLY_STOP_PATIENCE": 12,
            "MAX_EPOCHS": 80,
        },
    ),
    _trap(
        "augmentation-off",
        "strong augmentation is switched off for the last eight epochs: training loss drops",
        "LOSS003",
        "LOSS005",
        "LOG002",
        "GEN001",
        settings={"AUGMENT_NOISE": 0.4, "AUGMENT_OFF_LAST": 8},
    ),
    _trap(
        "tied-zero-gradients",
        "attention pooling, whose bias never gets a gradient; so has a bias before batch norm",
        "GRAD001",
        "GRAD004",
        settings={"FLATTEN_MODE": "attn"},
    ),
    _trap(
        "guarded-nan",
        "one nan batch in every tenth epoch, kept from the weights by the guard",
        "NUM001",
        "LOSS003",
        hooks=partial(inject.PoisonedLoss, float("nan"), 5, 10),
    ),
    _trap(
        "outliers-clipped",
        "every tenth batch has targets 40 times too large, and clipping holds",
        "LOSS003",
        "LR001",
        settings={**SGD, "MAX_EPOCHS": 20, "CLIPNORM": 1.0},
        hooks=inject.OutlierBatches,
        accepts=("GRAD003", "GRAD005", "GEN004"),
    ),
    _trap(
        "clean-resume",
        "stopped after epoch 20 of 40 and resumed with everything restored",
        "LR001",
        "LR003",
        "LOSS005",
        until=20,
        accepts=("LOG002", "LOG001", "LR004"),
    ),
)
