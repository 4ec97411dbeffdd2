"""Faults of the optimisation: schedule, learning rate, gradients.

Each is kept only where it measurably hurt (harm.py).
"""

from trainer.scenarios import injections as inject
from trainer.scenarios.scenario import NEVER, SGD, fault

_SCHEDULE = (
    fault(
        "early-lr-drop-plateau",
        "ReduceLROnPlateau with patience 0 and a threshold of 5% cuts while the run still learns",
        "LR001",
        "LR002",
        settings={
            "SCHEDULE": "plateau",
            "LEARNING_RATE": 0.001,
            "PLATEAU_PATIENCE": 0,
            "PLATEAU_THRESHOLD": 0.05,
            "LR_FACTOR": 0.1,
            "MIN_LR": 1e-7,
        },
        twin="healthy-plateau",
        forbids=("LOSS003", "GRAD001"),
        accepts=("LOSS002", "UPD001"),
    ),
    fault(
        "early-lr-drop-milestones",
        "milestones at epochs 3 and 5 of 40",
        "LR001",
        settings={
            "SCHEDULE": "multistep",
            "LEARNING_RATE": 0.001,
            "MILESTONES": [3, 5],
        },
        twin="healthy-multistep",
        forbids=("LOSS003", "GRAD001"),
        accepts=("LOSS002", "LR002", "UPD001"),
    ),
    fault(
        "onecycle-per-epoch",
        "OneCycle planned for all batches but stepped once an epoch: it never leaves its warm-up",
        "LR003",
        settings={"ONECYCLE_MAX_LR": 0.002, "ONECYCLE_DIV_FACTOR": 100.0},
        hooks=inject.StepsPerEpoch,
        accepts=("LOSS004", "LR004"),
        forbids=("LR001", "GRAD001"),
    ),
    fault(
        "schedule-cut-short",
        "an impatient early stop ends a OneCycle of 80 epochs while the rate is high",
        "LR004",
        "HYP003",
        settings={"MAX_EPOCHS": 80, "EARLY_STOP_PATIENCE": 2},
        accepts=("LOG001", "LOSS004"),
        forbids=("LR001", "LOSS003"),
    ),
)

_RATE = (
    fault(
        "lr-too-low",
        "the peak learning rate is 300 times too small",
        "LOSS004",
        "LOSS001",
        "UPD001",
        "BASE001",
        settings={"ONECYCLE_MAX_LR": 0.005 / 300},
        accepts=("BASE002",),
        forbids=("GRAD001", "LR001", "GEN001"),
    ),
    fault(
        "lr-too-high-oscillation",
        "a constant learning rate of 0.05 under AdamW: the run bounces instead of settling",
        "LOSS006",
        "UPD002",
        "HYP005",
        settings={"SCHEDULE": "constant", "LEARNING_RATE": 0.05},
        twin="healthy-constant",
        accepts=("LOSS002", "LOSS003", "LOSS005", "GEN003", *NEVER),
        forbids=("LR001", "GRAD001", "GEN001"),
    ),
    fault(
        "lr-too-high-divergence",
        "the warm-up of OneCycle leads to a rate of 2 under AdamW",
        "LOSS003",
        "LR005",
        "NUM001",
        "NUM002",
        settings={"ONECYCLE_MAX_LR": 2.0, "ONECYCLE_DIV_FACTOR": 2000.0, "CLIPNORM": 0.0},
        accepts=(*NEVER, "UPD002", "HYP005", "GRAD002", "GRAD003", "LOSS002", "LOSS005"),
        forbids=("LR001", "GEN001"),
    ),
)

_GRADIENTS = (
    fault(
        "vanishing-deep-sigmoid",
        "a prediction head of ten sigmoid layers: the encoder gets almost no gradient",
        "GRAD001",
        settings={**SGD, "PRED_LAYERS": 10, "ACTIVATION": "sigmoid"},
        twin="healthy-sgd",
        accepts=(*NEVER, "UPD001", "UPD003", "LOSS002"),
        forbids=("GRAD002", "LOSS003", "GEN001"),
    ),
    fault(
        "vanishing-tiny-init",
        "all weight matrices start 50 times too small, under four hidden layers",
        "GRAD001",
        settings={**SGD, "PRED_LAYERS": 4, "INIT_SCALE": 0.02},
        twin="healthy-sgd",
        accepts=(*NEVER, "UPD001", "UPD003", "LOSS002"),
        forbids=("GRAD002", "LOSS003", "GEN001"),
    ),
    fault(
        "exploding-step-size",
        "SGD without clipping is warmed up beyond the largest stable step",
        "GRAD002",
        "NUM001",
        "LOSS003",
        settings={
            **SGD,
            "ONECYCLE_MAX_LR": 20.0,
            "ONECYCLE_DIV_FACTOR": 2000.0,
            "CLIPNORM": 0.0,
            "NAN_GUARD": False,
        },
        twin="healthy-sgd",
        accepts=(*NEVER, "LR005", "GRAD003", "LOSS005", "UPD002"),
        forbids=("GRAD001", "GEN001"),
    ),
    fault(
        "exploding-no-clipping",
        "every tenth batch has targets 40 times too large, and nothing clips",
        "GRAD002",
        "GRAD003",
        "NUM001",
        "LOSS003",
        settings={**SGD, "CLIPNORM": 0.0, "MAX_EPOCHS": 20},
        hooks=inject.OutlierBatches,
        twin="outliers-clipped",
        accepts=(*NEVER, "LOSS005", "LOSS006", "GEN003", "UPD002"),
        forbids=("GRAD001", "GEN001"),
    ),
    fault(
        "clipping-saturated",
        "gradients are clipped to a hundredth of their usual norm",
        "GRAD005",
        settings={**SGD, "CLIPNORM": 0.005},
        twin="healthy-sgd",
        accepts=("LOSS004", *NEVER, "UPD001"),
        forbids=("GRAD001", "GRAD002"),
    ),
    fault(
        "frozen-part",
        "projection and encoder are frozen at their random start",
        "GRAD004",
        hooks=inject.FrozenEncoder,
        forbids=("GRAD001",),
    ),
    fault(
        "detached-part",
        "a detach() behind the encoder: everything below it counts as trainable and never moves",
        "GRAD004",
        hooks=inject.DetachedEncoder,
        forbids=("GRAD001",),
    ),
)

TRAINING_FAULTS = (*_SCHEDULE, *_RATE, *_GRADIENTS)
