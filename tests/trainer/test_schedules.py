"""Learning rates at the end of every epoch, against closed forms of our own."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from logparse.signals.rate.schedule import onecycle
from tests.runs import make_settings

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install 'logdiag[trainer]'")

from trainer import devices  # noqa: E402
from trainer.schedules import Schedule, start_lr  # noqa: E402
from trainer.settings import Settings  # noqa: E402

CPU = devices.choose("cpu")
EPOCHS, STEPS = 20, 10
TOP, LOW = 0.003, 3e-5
MILESTONES = {"SCHEDULE": "multistep", "MILESTONES": [3, 7]}


class Rates:
    """A schedule walked as the training walks it, without a model."""

    def __init__(self, given: dict[str, Any], steps: int = STEPS) -> None:
        self.settings = Settings.from_mapping({"MAX_EPOCHS": EPOCHS, **given})
        self.optimizer = torch.optim.SGD([torch.zeros(1)], start_lr(self.settings))
        self.schedule = Schedule(self.settings, self.optimizer, steps)
        self.steps = steps

    @property
    def lr(self) -> float:
        return float(self.optimizer.param_groups[0]["lr"])

    def batches(self, count: int) -> list[float]:
        """The rates with which these updates are made."""
        found = []
        for _ in range(count):
            found.append(self.lr)
            self.optimizer.step()
            self.schedule.after_batch()
        return found

    def epochs(self, losses: list[float]) -> list[float]:
        """The rate that each epoch's record shows."""
        found = []
        for loss in losses:
            self.batches(self.steps)
            found.append(self.lr)
            self.schedule.after_epoch(loss)
        return found

    def whole(self) -> list[float]:
        return self.epochs([1.0] * self.settings.MAX_EPOCHS)


def cosine(share: float) -> float:
    return LOW + (TOP - LOW) * (1 + math.cos(math.pi * share)) / 2


# ---- OneCycle ---------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [20, 50])
@pytest.mark.parametrize(
    "given",
    [
        {"MAX_EPOCHS": 40},
        {"MAX_EPOCHS": 40, "ONECYCLE_STRATEGY": "linear"},
        {"MAX_EPOCHS": 10},
        {"MAX_EPOCHS": 70, "ONECYCLE_PCT_START": 0.4, "ONECYCLE_FINAL_DIV": 10.0},
        {"MAX_EPOCHS": 40, "ONECYCLE_MAX_LR": 0.1, "ONECYCLE_DIV_FACTOR": 5.0},
    ],
)
def test_onecycle_is_what_the_analyzer_takes_it_for(given: dict[str, Any], steps: int) -> None:
    rates = Rates(given, steps)
    found = np.array(rates.whole())
    epochs = np.arange(1.0, rates.settings.MAX_EPOCHS + 1)
    expected = onecycle(make_settings(rates.settings.printed()), epochs)
    assert expected is not None
    print_step = 10 ** (np.floor(np.log10(found)) - 1)
    assert np.max(np.abs(found - expected) / print_step) < 1


@pytest.mark.parametrize("epochs", [9, 10, 20, 30])
@pytest.mark.parametrize("steps", [1, 2, 5])
def test_onecycle_is_so_with_few_batches_as_well(epochs: int, steps: int) -> None:
    test_onecycle_is_what_the_analyzer_takes_it_for({"MAX_EPOCHS": epochs}, steps)


def test_onecycle_begins_and_ends_where_it_says() -> None:
    rates = Rates({"ONECYCLE_MAX_LR": 0.1, "ONECYCLE_PCT_START": 0.5})
    each = rates.batches(EPOCHS * STEPS)
    assert each[0] == pytest.approx(0.01)
    assert max(each) == pytest.approx(0.1, rel=1e-3)
    assert each.index(max(each)) in (99, 100)
    assert rates.lr == pytest.approx(0.01 / 100)
    assert sorted(each[:99]) == each[:99] and sorted(each[101:], reverse=True) == each[101:]


def test_progress_is_the_share_of_the_planned_steps() -> None:
    rates = Rates({})
    assert rates.schedule.plan_steps == EPOCHS * STEPS
    assert rates.schedule.progress_pct == 0
    rates.batches(50)
    assert rates.schedule.progress_pct == pytest.approx(25)
    rates.batches(150)
    assert rates.schedule.progress_pct == pytest.approx(100)


def test_the_other_schedules_know_no_progress() -> None:
    for name in ("cosine", "plateau", "constant"):
        assert Rates({"SCHEDULE": name}).schedule.progress_pct is None


def test_stepped_per_epoch_by_mistake_onecycle_hardly_moves() -> None:
    rates = Rates({})
    rates.schedule.per_batch = False
    assert rates.whole()[-1] < 0.005
    assert rates.schedule.progress_pct == pytest.approx(100 / STEPS)


# ---- schedules per epoch ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "rate"),
    [
        ({"SCHEDULE": "cosine"}, lambda e: cosine((e - 1) / (EPOCHS - 1))),
        (
            {"SCHEDULE": "restarts", "RESTART_EPOCHS": 6},
            lambda e: cosine((e - 1) % 6 / 6),
        ),
        ({"SCHEDULE": "linear"}, lambda e: TOP + (LOW - TOP) * (e - 1) / (EPOCHS - 1)),
        (MILESTONES, lambda e: TOP * 0.1 ** ((e > 3) + (e > 7))),
        ({**MILESTONES, "LR_FACTOR": 0.5}, lambda e: TOP * 0.5 ** ((e > 3) + (e > 7))),
        ({"SCHEDULE": "constant"}, lambda e: TOP),
    ],
    ids=lambda given: given.get("SCHEDULE", "") if isinstance(given, dict) else "rate",
)
def test_the_rate_of_every_epoch(given: dict[str, Any], rate: Callable[[int], float]) -> None:
    levels = {"LEARNING_RATE": TOP}
    if given["SCHEDULE"] in ("cosine", "restarts", "linear"):
        levels["MIN_LR"] = LOW
    found = Rates(given | levels).whole()
    assert found == pytest.approx([rate(epoch) for epoch in range(1, EPOCHS + 1)], rel=1e-6)


def test_within_an_epoch_the_rate_is_one() -> None:
    rates = Rates({"SCHEDULE": "cosine"})
    rates.epochs([1.0] * 5)
    assert len(set(rates.batches(STEPS))) == 1


PLATEAU = {"SCHEDULE": "plateau", "LEARNING_RATE": TOP, "PLATEAU_PATIENCE": 2, "MIN_LR": 2e-5}


def test_a_plateau_cuts_after_one_bad_epoch_more_than_its_patience() -> None:
    found = Rates(PLATEAU).epochs([1.0] * 14)
    # The first loss is the best; epochs 2, 3 and 4 are bad; the fifth runs at the new rate.
    levels = [TOP] * 4 + [TOP * 0.1] * 3 + [TOP * 0.01] * 3 + [2e-5] * 4
    assert found == pytest.approx(levels)


def test_an_improvement_starts_the_patience_anew() -> None:
    found = Rates(PLATEAU).epochs([1.0, 1.0, 1.0, 0.9, 0.9, 0.9, 0.9, 0.9])
    assert found == pytest.approx([TOP] * 7 + [TOP * 0.1])


@pytest.mark.parametrize(("threshold", "is_cut"), [(0.0001, False), (0.05, True)])
def test_an_improvement_below_the_threshold_is_none(threshold: float, is_cut: bool) -> None:
    losses = [0.99**epoch for epoch in range(6)]
    found = Rates({**PLATEAU, "PLATEAU_THRESHOLD": threshold}).epochs(losses)
    assert (found[-1] < TOP) is is_cut


def test_losses_that_are_nan_are_bad() -> None:
    assert Rates(PLATEAU).epochs([math.nan] * 5)[-1] == pytest.approx(TOP * 0.1)


# ---- warm-up ----------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [5, 25])
def test_the_warm_up_rises_linearly(count: int) -> None:
    rates = Rates({"SCHEDULE": "constant", "LEARNING_RATE": TOP, "WARMUP_STEPS": count})
    found = rates.batches(40)
    shares = [0.1 + 0.9 * min(step / count, 1) for step in range(40)]
    assert found == pytest.approx([TOP * share for share in shares], rel=1e-6)


@pytest.mark.parametrize(
    ("given", "warm_up"),
    [
        ({"SCHEDULE": "cosine"}, 10),
        ({"SCHEDULE": "linear"}, 10),
        ({"SCHEDULE": "linear"}, 55),
        (MILESTONES, 10),
        (MILESTONES, 55),
        (PLATEAU, 10),
        (PLATEAU, 55),
        ({"SCHEDULE": "cosine", "MIN_LR": 0.001}, 100),
    ],
)
def test_the_warm_up_leaves_the_schedule_as_it_is(given: dict[str, Any], warm_up: int) -> None:
    plain, warm = Rates(given).whole(), Rates({**given, "WARMUP_STEPS": warm_up}).whole()
    done = -(-warm_up // STEPS)
    assert warm[done - 1 :] == pytest.approx(plain[done - 1 :], rel=1e-6)
    assert all(a < b for a, b in zip(warm[: done - 1], plain[: done - 1], strict=True))


# ---- going on ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"ONECYCLE_STRATEGY": "linear"},
        {"SCHEDULE": "cosine"},
        {"SCHEDULE": "cosine", "WARMUP_STEPS": 15},
        {"SCHEDULE": "restarts", "RESTART_EPOCHS": 4},
        {"SCHEDULE": "linear", "WARMUP_STEPS": 95},
        MILESTONES,
        PLATEAU,
        {"SCHEDULE": "constant", "WARMUP_STEPS": 155},
        {"SCHEDULE": "constant"},
    ],
)
@pytest.mark.parametrize("at", [1, 9])
def test_a_restored_schedule_goes_on_as_if_never_stopped(given: dict[str, Any], at: int) -> None:
    losses = [1 / (1 + min(epoch, 5)) for epoch in range(EPOCHS)]
    whole = Rates(given).epochs(losses)
    first = Rates(given)
    assert first.epochs(losses[:at]) == whole[:at]
    kept = io.BytesIO()
    state = {"optimizer": first.optimizer.state_dict(), "schedule": first.schedule.state_dict()}
    torch.save(state, kept)
    kept.seek(0)
    state = torch.load(kept, weights_only=True)
    second = Rates(given)
    second.optimizer.load_state_dict(state["optimizer"])
    second.schedule.load_state_dict(state["schedule"])
    assert second.schedule.steps == at * STEPS
    assert second.schedule.progress_pct == first.schedule.progress_pct
    assert second.epochs(losses[at:]) == whole[at:]
