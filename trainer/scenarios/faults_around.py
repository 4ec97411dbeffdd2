"""Faults of the numbers, the data, the machine and the resume.

Each is kept only where it measurably hurt (harm.py).
"""

from functools import partial

from trainer.scenarios import injections as inject
from trainer.scenarios.scenario import NEVER, SGD, SLOW_TARGET, fault

_NUMERICS = (
    fault(
        "nan-loss",
        "one nan loss in epoch 12, and no guard",
        "NUM001",
        settings={"NAN_GUARD": False, "MAX_EPOCHS": 20},
        hooks=partial(inject.nan_from, 12),
        forbids=("GRAD001", "LOSS002"),
    ),
    fault(
        "inf-loss",
        "one infinite loss in epoch 8, and no guard",
        "NUM001",
        settings={"NAN_GUARD": False, "MAX_EPOCHS": 20},
        hooks=partial(inject.inf_from, 8),
        forbids=("GRAD001", "LOSS002"),
    ),
    fault(
        "fp16-scale-collapse",
        "every fourth batch overflows fp16 from epoch 8 on: the loss scale falls without end",
        "NUM003",
        "NUM001",
        "NUM002",
        settings={**SGD, "PRECISION": "fp16", "MAX_EPOCHS": 20},
        hooks=inject.OverflowingInputs,
        twin="healthy-fp16",
        accepts=("LOSS002", "LOSS003"),
        forbids=("GEN001", "LR001"),
    ),
    fault(
        "clip-before-unscale",
        "fp16 gradients are clipped while they still carry the loss scale",
        "NUM004",
        "GRAD005",
        settings={**SGD, "PRECISION": "fp16", "MAX_EPOCHS": 20},
        hooks=inject.ClipBeforeUnscale,
        twin="healthy-fp16",
        accepts=(*NEVER, "LOSS004", "UPD001"),
        forbids=("GRAD001", "GEN001"),
    ),
)

_DATA = (
    fault(
        "over-regularised",
        "smoothing 0.5, dropout 0.5, weight decay 2 and heavy augmentation together",
        "LOSS002",
        "BASE001",
        "BASE002",
        "LOSS001",
        settings={
            "ALPHA_SMOOTH": 0.5,
            "DROPOUT_TRANS": 0.5,
            "DROPOUT_LONG": 0.5,
            "WEIGHT_DECAY": 2.0,
            "AUGMENT_NOISE": 1.5,
        },
        accepts=("GEN004", "HYP005"),
        forbids=("LR001", "GRAD001", "GEN001"),
    ),
    fault(
        "overfitting",
        "192 windows, no regularisation, constant learning rate, 60 epochs",
        "GEN001",
        "GEN002",
        settings={
            "TRAIN_WINDOWS": 192,
            "TRAIN_BATCH": 16,
            "AUGMENT_NOISE": 0.0,
            "DROPOUT_TRANS": 0.0,
            "DROPOUT_LONG": 0.0,
            "WEIGHT_DECAY": 0.0,
            "SCHEDULE": "constant",
            "LEARNING_RATE": 0.003,
            "MAX_EPOCHS": 60,
        },
        twin="healthy-constant",
        accepts=("LOSS003", "LOSS002"),
        forbids=("LR001", "GRAD001"),
    ),
    fault(
        "label-shuffle",
        "targets do not belong to their inputs",
        "LOSS001",
        "BASE001",
        settings={"MAX_EPOCHS": 30},
        hooks=inject.ShuffledTargets,
        accepts=("BASE002", "GEN001", "LOSS003"),
        forbids=("LR001", "GRAD001"),
    ),
    fault(
        "leakage",
        "the training set holds the validation windows three times",
        "GEN004",
        hooks=inject.LeakedValidation,
        harm="test gap",
        forbids=("GEN001", "LR001"),
    ),
    fault(
        "loss-spike-recovers",
        "noise on all weights in epoch 14; the run comes back",
        "LOSS005",
        "GRAD003",
        hooks=partial(inject.WeightShock, 14, 0.5),
        harm="worst val_rmse",
        forbids=("LOSS003", "LR001"),
        accepts=("LOSS007",),
    ),
    fault(
        "loss-spike-stays",
        "noise on all weights in epoch 33, when the rate is too small to come back",
        "LOSS005",
        "LOSS003",
        "LOSS007",
        hooks=partial(inject.WeightShock, 33, 0.5),
        forbids=("LR001", "GEN001"),
        accepts=("GRAD002", "GRAD003", *NEVER),
    ),
    fault(
        "worse-than-persistence",
        "a slow target, predicted as a level where only its change is hard",
        "BASE002",
        settings=SLOW_TARGET,
        twin="healthy-skip",
        harm="persistence",
        forbids=("BASE001", "LR001"),
    ),
)

_MACHINE = (
    fault(
        "slow-loader",
        "fetching a batch takes longer than computing on it",
        "DATA001",
        settings={"MAX_EPOCHS": 20},
        hooks=inject.SlowLoader,
        harm="epoch time",
        forbids=("DATA002",),
    ),
    fault(
        "throughput-decay",
        "every epoch is slower than the one before",
        "DATA002",
        settings={"MAX_EPOCHS": 30},
        hooks=inject.SlowingDown,
        harm="epoch time",
        forbids=("DATA001",),
    ),
    fault(
        "memory-creep",
        "tensors stay on the GPU for ever",
        "MEM001",
        hooks=inject.KeptActivations,
        harm="GPU memory",
        needs_cuda=True,
    ),
)

_RESUME = (
    fault(
        "resume-lost-schedule",
        "resumed after epoch 20 of 40, the schedule starts again",
        "LOG002",
        "LR003",
        hooks=inject.LostSchedule,
        until=20,
        twin="clean-resume",
        accepts=("LR004",),
    ),
    fault(
        "resume-replayed-data",
        "resumed after epoch 20 of 40, the batches of the first epochs come again",
        "LOG002",
        hooks=inject.ReplayedData,
        until=20,
        twin="clean-resume",
    ),
    fault(
        "stale-validation",
        "validation runs every fifth epoch, its last figures are printed in between",
        "LOG005",
        hooks=inject.StaleValidation,
        harm="printed error",
        forbids=("LOSS002", "LR001"),
    ),
)

FAULTS_AROUND = (*_NUMERICS, *_DATA, *_MACHINE, *_RESUME)
