"""Findings as rules make them, for reports built by hand."""

from __future__ import annotations

from logparse.findings import Confidence, Finding, Severity

WORSE_THAN_PERSISTENCE = Finding(
    code="BASE002",
    name="worse-than-persistence",
    severity=Severity.ERROR,
    confidence=Confidence.HIGH,
    reading="Copying the last value still beats the model: it predicts the level of the target "
    "but not its change.",
    measured={"best_val_rmse": 0.03877, "persistence_rmse": 0.012, "ratio": 3.2308, "margin": 2},
    causes=(
        "the target is predicted as a level although it moves little between steps",
        "the target is shifted against LOOK_BACK",
    ),
    remedies=(
        "set USE_DELTA = True, so that the model predicts the change",
        "check the shift of the target against LOOK_BACK = 60",
        "do not simply train longer: val rmse is flat since E31",
    ),
    confirm="BASE002 should clear within 5 epochs of a rerun.",
    epochs=(31, 70),
    lines=(175, 253),
)
OVERFITTING = Finding(
    code="GEN001",
    name="overfitting",
    severity=Severity.WARNING,
    confidence=Confidence.MEDIUM,
    reading="Validation error rises while training error still falls.",
    measured={
        "onset": "E31 [29, 34]",
        "val_rise": 0.2139,
        "threshold": 0.05,
        "epochs_since_best": 39,
    },
    causes=("the model memorises the training set", "the training set is too small"),
    remedies=(
        "use the checkpoint of E31",
        "EARLY_STOP_PATIENCE = 7 never fired: check that it watches val rmse",
    ),
    confirm="Validation error stays within 2 sigma of its best up to the last epoch.",
    epochs=(31, 70),
    lines=(175,),
)
INERT_CLIP = Finding(
    code="HYP001",
    name="clipnorm-inert",
    severity=Severity.NOTE,
    confidence=Confidence.LOW,
    reading="Gradient clipping never acts.",
    measured={"clipnorm": 3, "largest_grad_norm": 0.035, "ratio": 85.7},
    remedies=("set CLIPNORM between 0.02 and 0.04, or remove it",),
    confirm="Some epochs reach the new CLIPNORM.",
    epochs=(1, 1),
    lines=(115,),
)
