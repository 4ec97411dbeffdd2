"""Healthy runs: every schedule, and the clean twins that some faults need."""

from trainer.scenarios.scenario import SGD, SLOW_TARGET, Scenario

_RATE = {"LEARNING_RATE": 0.003}
_PLATEAU = {
    "SCHEDULE": "plateau",
    **_RATE,
    "PLATEAU_PATIENCE": 4,
    "LR_FACTOR": 0.5,
    "MIN_LR": 1e-5,
}
_ABOUT = "nothing is wrong"

HEALTHY = (
    Scenario("healthy-onecycle", "healthy", f"{_ABOUT}: OneCycle, 40 epochs"),
    Scenario(
        "healthy-cosine",
        "healthy",
        f"{_ABOUT}: cosine, 30 epochs",
        {"SCHEDULE": "cosine", **_RATE, "MAX_EPOCHS": 30},
    ),
    Scenario(
        "healthy-warmup-cosine",
        "healthy",
        f"{_ABOUT}: warm-up of about three epochs, then cosine",
        {"SCHEDULE": "cosine", **_RATE, "WARMUP_STEPS": 64},
    ),
    Scenario(
        "healthy-multistep",
        "healthy",
        f"{_ABOUT}: the rate is cut to a tenth at 60% and 80% of the run",
        {"SCHEDULE": "multistep", **_RATE, "MILESTONES": [24, 32]},
    ),
    Scenario("healthy-plateau", "healthy", f"{_ABOUT}: a patient ReduceLROnPlateau", _PLATEAU),
    Scenario(
        "healthy-constant",
        "healthy",
        f"{_ABOUT}: constant learning rate",
        {"SCHEDULE": "constant", "LEARNING_RATE": 0.002},
    ),
    Scenario(
        "healthy-sgd",
        "healthy",
        f"{_ABOUT}: SGD with momentum under OneCycle, 60 epochs",
        {**SGD, "MAX_EPOCHS": 60},
    ),
    Scenario(
        "healthy-fp16",
        "healthy",
        f"{_ABOUT}: fp16 with a loss scaler that unscales before clipping, SGD",
        {**SGD, "PRECISION": "fp16", "MAX_EPOCHS": 20},
    ),
    Scenario(
        "healthy-skip",
        "healthy",
        "a slow target, and a skip connection from the last value",
        {**SLOW_TARGET, "LAST_VALUE_SKIP": True},
    ),
)
