"""BASE001 no-better-than-mean and BASE002 worse-than-persistence."""

from __future__ import annotations

import numpy as np
import pytest

from tests.rules.asking import ask, fires, is_silent
from tests.runs import SEED_BASELINES, SEED_SETTINGS, Array, make_run, noisy, power_law

ABOVE_MEAN = noisy(np.full(10, 0.112), level=0.003)
BETWEEN = noisy(power_law(10, floor=0.05), level=0.003)
PLAN = {"MAX_EPOCHS": 10}


def test_base001_is_an_error_when_the_run_has_ended() -> None:
    run = make_run(val_rmse=ABOVE_MEAN, baselines=SEED_BASELINES, settings=PLAN)
    finding = fires("BASE001", run)
    assert (finding.severity, finding.confidence) == ("error", "high")
    assert finding.measured["mean_val_rmse"] == 0.10862
    assert "projected_crossing" not in finding.measured


def test_base001_is_a_warning_with_a_projection_while_it_may_be_running() -> None:
    run = make_run(
        val_rmse=ABOVE_MEAN, baselines=SEED_BASELINES, settings={**PLAN, "MAX_EPOCHS": 70}
    )
    finding = fires("BASE001", run)
    assert finding.severity == "warning"
    assert finding.measured["projected_crossing"] == "not on course"


def test_base001_judges_r2_without_a_baseline() -> None:
    finding = fires("BASE001", make_run(val_r2=noisy(np.full(8, -0.1), level=0.02)))
    assert finding.measured["best_val_r2"] < 0  # type: ignore[operator]


def test_base001_near_miss_silent_just_below_the_mean() -> None:
    is_silent("BASE001", make_run(val_rmse=[0.109, 0.105, 0.1, 0.099], baselines=SEED_BASELINES))


def test_base001_is_not_applicable_without_baseline_and_r2() -> None:
    _, check = ask("BASE001", make_run(val_rmse=BETWEEN))
    assert check.outcome == "not-applicable"
    assert "val_mean_rmse" in check.reason


def test_base001_false_alarm_first_epochs_of_a_long_run() -> None:
    run = make_run(val_rmse=[0.12] * 4, baselines=SEED_BASELINES, settings={"MAX_EPOCHS": 70})
    assert ask("BASE001", run)[1].reason == "needs 7 epochs, has 4"


def test_base001_false_alarm_a_baseline_of_nan() -> None:
    run = make_run(val_rmse=BETWEEN, baselines={"val_mean_rmse": float("nan")})
    assert ask("BASE001", run)[1].outcome == "not-applicable"


def test_base002_shows_the_r2_of_persistence_beside_the_models() -> None:
    run = make_run(val_rmse=BETWEEN, baselines=SEED_BASELINES, settings=PLAN)
    finding = fires("BASE002", run)
    assert (finding.severity, finding.confidence) == ("error", "high")
    assert finding.measured["r2_persistence"] == pytest.approx(0.988, abs=5e-4)
    assert finding.measured["skill"] < 0  # type: ignore[operator]
    assert finding.measured["best_epoch"] == int(np.argmin(BETWEEN)) + 1


def test_base002_on_the_seeds_first_epochs_measures_its_ratio() -> None:
    run = make_run(val_rmse=[0.1050] * 3, baselines=SEED_BASELINES, settings={**SEED_SETTINGS})
    finding = fires("BASE002", run)
    assert finding.severity == "warning"
    assert finding.measured["ratio"] == pytest.approx(8.75)
    assert finding.remedies[0] == "USE_DELTA False -> True"


def test_base002_projects_the_crossing_of_a_run_on_course() -> None:
    run = make_run(
        val_rmse=0.05 * np.arange(1, 11) ** -0.5,
        baselines=SEED_BASELINES,
        settings={"MAX_EPOCHS": 70},
    )
    assert fires("BASE002", run).measured["projected_crossing"] == "E18"


@pytest.mark.parametrize(
    "ended", [{"count": 2}, {"settings": {"MAX_EPOCHS": 70, "EARLY_STOP_PATIENCE": 7}}]
)
def test_base002_is_an_error_for_superseded_and_early_stopped_runs(ended: dict[str, int]) -> None:
    values = [0.1, *([0.11] * 7)]
    run = make_run(val_rmse=values, baselines=SEED_BASELINES, **ended)  # type: ignore[arg-type]
    assert fires("BASE002", run).severity == "error"


def test_base002_near_miss_silent_within_two_sigma() -> None:
    values = noisy(np.full(10, 0.01201), level=0.01, phi=0.0)
    is_silent("BASE002", make_run(val_rmse=values, baselines=SEED_BASELINES))


def test_base002_silent_when_persistence_is_beaten() -> None:
    is_silent("BASE002", make_run(val_rmse=[0.02, 0.013, 0.009], baselines=SEED_BASELINES))


def test_base002_names_the_missing_baseline() -> None:
    _, check = ask("BASE002", make_run(val_rmse=BETWEEN))
    assert check.outcome == "not-applicable"
    assert "val_persistence_rmse" in check.reason


def test_a_tenth_above_persistence_is_no_matter_of_noise() -> None:
    values = np.concatenate([np.linspace(1.0, 0.36, 10), 1e8 * np.geomspace(1, 9, 20) ** 2])
    run = make_run(val_rmse=values, baselines={"val_persistence_rmse": 0.3})
    assert fires("BASE002", run).measured["margin"] == pytest.approx(0.03)


def test_base001_proposes_a_rate_in_the_direction_that_the_run_shows() -> None:
    settings = {"MAX_EPOCHS": 12, "LEARNING_RATE": 0.01}

    def edits(values: Array) -> tuple[str, ...]:
        baselines = {"val_mean_rmse": 0.5}
        run = make_run(val_rmse=values, baselines=baselines, settings=settings)
        return fires("BASE001", run).remedies

    assert "LEARNING_RATE 0.01 -> 0.03" in edits(noisy(np.linspace(1.0, 0.6, 12), level=0.002))
    exploded = np.concatenate([[0.8, 0.7, 0.6], np.geomspace(1, 1e6, 9)])
    assert "LEARNING_RATE 0.01 -> 0.00333" in edits(exploded)
    flat = edits(noisy(np.full(12, 0.51), level=0.002, phi=0.0, seed=2))
    assert not any("LEARNING_RATE" in edit for edit in flat)
