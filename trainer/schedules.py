"""Learning-rate schedules from torch, each stepped where its unit asks for it."""

import math
from functools import partial
from typing import Any

from torch.optim import Optimizer, lr_scheduler

from trainer.settings import Settings

_WARMUP_START = 0.1


class Schedule:
    """Steps the scheduler of the settings: OneCycle and the warm-up per batch, others per epoch.

    Without a schedule (`constant`) only the warm-up is left. `plan_steps` is how many optimizer
    steps the whole run is to have. `per_batch` may be switched for OneCycle only by mistake; the
    scenario of that name does.
    """

    def __init__(self, settings: Settings, optimizer: Optimizer, steps_per_epoch: int) -> None:
        self.plan_steps = settings.MAX_EPOCHS * steps_per_epoch
        self.per_batch = settings.SCHEDULE == "onecycle"
        self.steps = 0
        self._warmup = _warmup(settings, optimizer)
        self._main = _main(settings, optimizer, self.plan_steps)

    def after_batch(self) -> None:
        """Call once after every optimizer step."""
        self.steps += 1
        if self._warmup is not None and self.steps <= self._warmup.total_iters:
            self._warmup.step()
        if self.per_batch:
            self._step(None)

    def after_epoch(self, val_loss: float) -> None:
        """Call once after every validation; only the plateau scheduler looks at the loss."""
        if not self.per_batch:
            self._step(val_loss)

    @property
    def progress_pct(self) -> float | None:
        """Per cent of the steps planned by OneCycle that it has taken; None for the others."""
        if not isinstance(self._main, lr_scheduler.OneCycleLR):
            return None
        return min(100.0, 100.0 * self._main.last_epoch / self.plan_steps)

    def _step(self, val_loss: float | None) -> None:
        if isinstance(self._main, lr_scheduler.ReduceLROnPlateau):
            self._main.step(float("inf") if val_loss is None else val_loss)
        elif self._main is not None:
            self._main.step()

    def state_dict(self) -> dict[str, Any]:
        """Everything that a resumed run needs to go on at the same rate."""
        parts = {"warmup": self._warmup, "main": self._main}
        states = {key: part.state_dict() for key, part in parts.items() if part is not None}
        return {"steps": self.steps, **states}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """The inverse of `state_dict`."""
        self.steps = state["steps"]
        if self._warmup is not None:
            self._warmup.load_state_dict(state["warmup"])
        if self._main is not None:
            self._main.load_state_dict(state["main"])


def start_lr(settings: Settings) -> float:
    """The rate that the optimizer is built with."""
    return settings.ONECYCLE_MAX_LR if settings.SCHEDULE == "onecycle" else settings.LEARNING_RATE


def _warmup(settings: Settings, optimizer: Optimizer) -> lr_scheduler.LinearLR | None:
    if settings.WARMUP_STEPS == 0 or settings.SCHEDULE == "onecycle":
        return None
    return lr_scheduler.LinearLR(optimizer, _WARMUP_START, total_iters=settings.WARMUP_STEPS)


def _cosine(settings: Settings, last: int, epoch: int) -> float:
    """The rate of an epoch, from 0 to `last`, between LEARNING_RATE and MIN_LR."""
    share = (1 + math.cos(math.pi * min(epoch, last) / last)) / 2
    return settings.MIN_LR + share * (settings.LEARNING_RATE - settings.MIN_LR)


def _cosine_step(settings: Settings, last: int, epoch: int) -> float:
    """The factor from the epoch before to this one."""
    before = _cosine(settings, last, epoch - 1)
    return _cosine(settings, last, epoch) / before if before > 0 else 0.0


def _main(
    settings: Settings, optimizer: Optimizer, plan_steps: int
) -> lr_scheduler.LRScheduler | None:
    s, last = settings, max(settings.MAX_EPOCHS - 1, 1)
    match s.SCHEDULE:
        case "onecycle":
            return lr_scheduler.OneCycleLR(
                optimizer,
                s.ONECYCLE_MAX_LR,
                # torch counts the rate before the first step as the first of total_steps, and
                # puts the peak one step before pct_start of them.
                total_steps=plan_steps + 1,
                pct_start=(s.ONECYCLE_PCT_START * plan_steps + 1) / (plan_steps + 1),
                anneal_strategy="cos" if s.ONECYCLE_STRATEGY == "cos" else "linear",
                div_factor=s.ONECYCLE_DIV_FACTOR,
                final_div_factor=s.ONECYCLE_FINAL_DIV,
                cycle_momentum=False,
            )
        case "cosine":
            # CosineAnnealingLR would go on from the rate it finds, which a warm-up has lowered.
            return lr_scheduler.MultiplicativeLR(optimizer, partial(_cosine_step, s, last))
        case "restarts":
            return lr_scheduler.CosineAnnealingWarmRestarts(
                optimizer, s.RESTART_EPOCHS, eta_min=s.MIN_LR
            )
        case "linear":
            end = s.MIN_LR / s.LEARNING_RATE
            return lr_scheduler.LinearLR(optimizer, 1.0, end, last)
        case "multistep":
            return lr_scheduler.MultiStepLR(optimizer, list(s.MILESTONES), s.LR_FACTOR)
        case "plateau":
            return lr_scheduler.ReduceLROnPlateau(
                optimizer,
                factor=s.LR_FACTOR,
                patience=s.PLATEAU_PATIENCE,
                threshold=s.PLATEAU_THRESHOLD,
                min_lr=s.MIN_LR,
            )
        case _:
            return None
