"""LOSS002 premature-plateau."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from logparse.records import Resolution
from tests.rules.asking import ask, fires, is_silent
from tests.runs import (
    SEED_BASELINES,
    Array,
    constant_lr,
    cosine_lr,
    make_run,
    noisy,
    power_law,
    stepped_lr,
)

if TYPE_CHECKING:
    from logparse.run import Run

N = 40


def plateau(start: int = 8, end: float = 0.06, count: int = N, noise: float = 0.001) -> Array:
    fall = np.linspace(0.12, end, start)
    tail = end * (1 + noise * np.sin(2.4 * np.arange(count - start)))
    return np.concatenate([fall, tail])


def test_fires_when_flat_since_epoch_eight_above_persistence() -> None:
    run = make_run(val_rmse=plateau(), lr=constant_lr(N), baselines=SEED_BASELINES)
    finding = fires("LOSS002", run)
    assert (finding.severity, finding.confidence) == ("warning", "high")
    assert finding.measured["plateau_start"] == 8
    assert finding.measured["epochs_wasted"] == 32
    assert finding.epochs == (8, 40)
    assert finding.lines == (121, 217)


def test_a_note_when_only_compute_is_known_to_be_wasted() -> None:
    assert fires("LOSS002", make_run(val_rmse=plateau(), lr=constant_lr(N))).severity == "note"


def test_after_a_cut_the_remedy_is_the_schedulers_patience() -> None:
    run = make_run(val_rmse=plateau(6), lr=stepped_lr(N, [6]), settings={"LR_PATIENCE": 2})
    finding = fires("LOSS002", run)
    assert finding.severity == "warning"
    assert finding.remedies == ("LR_PATIENCE 2 -> 4",)


def test_regularisers_of_unused_modules_are_not_proposed() -> None:
    settings = {
        "DROPOUT_TRANS": 0.1,
        "DROPOUT_LONG": 0.1,
        "WEIGHT_DECAY": 1e-05,
        "USE_TRANSFORMER": True,
        "USE_LONG_LSTM": False,
    }
    remedies = fires("LOSS002", make_run(val_rmse=plateau(), settings=settings)).remedies
    assert "DROPOUT_TRANS 0.1 -> 0.05" in remedies
    assert "WEIGHT_DECAY 1e-05 -> 1e-06" in remedies
    assert not any("DROPOUT_LONG" in remedy for remedy in remedies)


def test_near_miss_silent_when_the_plateau_begins_late() -> None:
    is_silent("LOSS002", make_run(val_rmse=plateau(start=25)))


def test_near_miss_silent_while_slowly_improving() -> None:
    is_silent("LOSS002", make_run(val_rmse=noisy(power_law(N, rate=0.3), level=0.002)))


def test_eleven_epochs_are_too_short() -> None:
    assert ask("LOSS002", make_run(val_rmse=plateau(3, count=11)))[1].outcome == "too-short"


def test_false_alarm_noise_floor() -> None:
    values = noisy(np.full(N, 0.1), level=0.05, phi=0.0, seed=3)
    findings, _ = ask("LOSS002", make_run(val_rmse=values))
    assert not findings


def test_false_alarm_converged_after_annealing() -> None:
    reason = is_silent("LOSS002", make_run(val_rmse=plateau(), lr=cosine_lr(N)))
    assert "not premature: the learning rate has fallen" in reason


def test_false_alarm_converged_below_every_baseline() -> None:
    run = make_run(val_rmse=plateau(end=0.005), lr=constant_lr(N), baselines=SEED_BASELINES)
    assert "beats every baseline" in is_silent("LOSS002", run)


def test_false_alarm_print_resolution() -> None:
    values = np.round(np.linspace(0.12, 0.09, 8), 2)
    run = make_run(
        val_rmse=[*values, *([0.09] * (N - 8))], resolution={"val_rmse": Resolution(decimals=2)}
    )
    assert "digits" in is_silent("LOSS002", run)


def test_false_alarm_a_file_of_validation_alone() -> None:
    assert "validation alone" in is_silent("LOSS002", make_run(val_loss=plateau()))
    for more in ({"lr": constant_lr(N)}, {"train_loss": plateau()}):
        assert fires("LOSS002", make_run(val_loss=plateau(), **more)).severity == "note"


def test_dropout_makes_validation_better_than_training_and_is_no_fault() -> None:
    """With dropout the training metric is the worse one; the plateau is judged on validation."""
    val = noisy(power_law(N, rate=0.6), level=0.003)
    is_silent("LOSS002", make_run(val_rmse=val, train_rmse=1.2 * val))


STRONG = {"DROPOUT": 0.5, "ALPHA_SMOOTH": 0.5, "WEIGHT_DECAY": 2.0}


def held_back(**settings: float) -> Run:
    """Never better than within the first epochs, training no better than validation."""
    val = noisy(np.concatenate([[0.9, 0.75, 0.74, 0.74], np.full(36, 0.8)]), level=0.01)
    baselines = {"val_mean_rmse": 0.95, "val_persistence_rmse": 0.9}
    return make_run(
        val_rmse=val,
        train_rmse=noisy(np.full(40, 0.95), level=0.01, seed=1),
        lr=cosine_lr(40),
        baselines=baselines,
        settings=settings,
    )


def test_strong_regularisation_makes_it_a_warning_and_the_first_cause() -> None:
    finding = fires("LOSS002", held_back(**STRONG))
    assert finding.severity == "warning"
    assert "regularisation" in finding.causes[0]
    assert finding.remedies == (
        "DROPOUT 0.5 -> 0.25",
        "ALPHA_SMOOTH 0.5 -> 0.25",
        "WEIGHT_DECAY 2.0 -> 0.2",
    )


def test_one_strong_regulariser_is_no_reason() -> None:
    findings, _ = ask("LOSS002", held_back(DROPOUT=0.5, WEIGHT_DECAY=0.01))
    assert all(finding.severity == "note" for finding in findings)
