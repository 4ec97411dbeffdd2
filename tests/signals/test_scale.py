"""Losses of which one is a multiple of the other, and gaps that training itself opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from logparse.judging import judge
from logparse.rules import all_rules
from logparse.signals.scale import scale_of
from tests.rules.asking import fires
from tests.runs import make_run, noisy, power_law

if TYPE_CHECKING:
    from logparse.signals.series import FloatArray

LENGTHS = (3, 4, 6, 10, 30, 100)
MOST_ALARMS = 0.02


def fall(rng: np.random.Generator, count: int) -> FloatArray:
    """A loss that falls to some floor, at some rate, as after each part of a run."""
    start, share = rng.uniform(0.7, 7), 10 ** rng.uniform(-2.5, -0.3)
    time = np.arange(1, count + 1) / count
    return np.asarray(start * (share + (1 - share) * np.exp(-rng.uniform(2, 12) * time)))


def blurred(rng: np.random.Generator, losses: FloatArray, noise: float) -> FloatArray:
    return np.asarray(losses * np.exp(rng.normal(0, noise, len(losses))))


def healthy_twins(rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Validation and training of a run without a fault: dropout, smoothing, overfitting, ..."""
    loss = fall(rng, int(rng.choice(LENGTHS)))
    time = np.arange(1, len(loss) + 1) / len(loss)
    gaps = (
        (loss, loss * rng.uniform(0.7, 1.5)),
        (loss, loss * (1 + rng.uniform(0, 0.7) * (1 - np.exp(-5 * time)))),
        (loss, loss + rng.uniform(0.2, 1.5)),
        (loss + rng.uniform(0, 1) * np.maximum(time - 0.4, 0), loss * np.exp(-3 * time)),
        (loss + rng.uniform(0.5, 4) * loss[-1], loss),
        (loss, np.concatenate([[loss[0] * 1.4], (loss[1:] + loss[:-1]) / 2])),
    )
    val, train = gaps[int(rng.integers(len(gaps)))]
    noise = rng.uniform(0.002, 0.08)
    return blurred(rng, val, noise), blurred(rng, train, noise)


def test_healthy_gaps_are_hardly_ever_taken_for_another_scale() -> None:
    rng = np.random.default_rng(3)
    found = [scale_of(*healthy_twins(rng)) is not None for _ in range(1500)]
    assert np.mean(found) <= MOST_ALARMS


def test_sums_beside_means_are_found() -> None:
    rng = np.random.default_rng(4)
    for _ in range(300):
        loss, times = fall(rng, int(rng.choice(LENGTHS))), float(rng.choice([1 / 8, 4, 8, 16, 32]))
        val, train = blurred(rng, loss, 0.02), blurred(rng, times * loss, 0.02)
        found = scale_of(val, train)
        assert found is not None or loss[0] < 1.6 * loss[-1], (loss, times)
        assert found is None or found.ratio == pytest.approx(times, rel=0.15)


@pytest.mark.parametrize(
    ("val", "train"),
    [
        ([2.0, 1.0], [32.0, 16.0]),
        ([2.0, 1.0, 0.5], [32.0, 16.0, -8.0]),
        ([1.0, 1.0, 1.0, 1.0], [16.0, 16.0, 16.0, 16.0]),
        ([2.0, 1.0, 0.5, 0.3], [2.0, 2.0, 2.0, 2.0]),
        ([2.0, 1.0, 0.5, 0.3], [32.0, 16.0, float("inf"), 4.0]),
    ],
)
def test_without_a_scale(val: list[float], train: list[float]) -> None:
    assert scale_of(np.array(val), np.array(train)) is None


def test_the_note_and_what_is_not_read_from_the_gap() -> None:
    loss = power_law(30, start=4.0, floor=0.3)
    run = make_run(val_loss=noisy(loss), train_loss=noisy(16 * loss, seed=1))
    found = fires("BASE003", run)
    assert found.severity == "note"
    assert found.measured["ratio"] == pytest.approx(16, rel=0.05)
    assert "train_loss is about 16" in found.reading
    codes = {one.code for one in judge(run, all_rules()).findings}
    assert not codes & {"GEN001", "GEN004"}


def test_overfitting_is_seen_on_another_scale() -> None:
    train = power_law(40, start=4.0, floor=0.1)
    val = train * (1 + 0.05 * np.maximum(np.arange(40) - 20, 0))
    run = make_run(val_loss=noisy(val / 8), train_loss=noisy(train, seed=1))
    assert fires("GEN001", run).measured["train_level"] == pytest.approx(train[-2], rel=0.05)


def test_an_area_below_guessing() -> None:
    area, loss = np.linspace(0.48, 0.23, 20), noisy(power_law(20, start=0.3, floor=0.01))
    found = fires("BASE003", make_run(val_loss=loss, val_auc=area))
    assert "worse than guessing" in found.reading
    run = make_run(val_loss=loss, train_loss=loss, val_auc=1 - area)
    assert "BASE003" not in {one.code for one in judge(run, all_rules()).findings}
