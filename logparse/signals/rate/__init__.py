"""The learning rate: its phases and cuts, the schedule that it follows, and what stops the run."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from logparse import keys
from logparse.signals.rate import effects, following, phases, replay, schedule, stopping

if TYPE_CHECKING:
    from logparse.signals import Signals
    from logparse.signals.rate.effects import CutEffect, Descent
    from logparse.signals.rate.following import Mistake
    from logparse.signals.rate.phases import Cut, Phase
    from logparse.signals.rate.replay import Replay
    from logparse.signals.rate.schedule import Schedule
    from logparse.signals.rate.stopping import Stop, StopReplay, WarmUp
    from logparse.signals.series import Series


class Rate:
    """What the learning rate of one run tells, lazy and cached."""

    def __init__(self, signals: Signals) -> None:
        self.signals = signals
        self.run = signals.run

    @cached_property
    def lr(self) -> Series:
        """The learning rate of the largest optimizer group; empty when none is logged."""
        return phases.lr_series(self.run)

    @cached_property
    def phases(self) -> tuple[Phase, ...]:
        """Warm-up, plateau, anneal and cut stretches of the learning rate, in order."""
        return phases.find_phases(self.lr)

    @property
    def warm_up(self) -> Phase | None:
        """The rise at the start of the run; None where the learning rate does not rise there."""
        first = self.phases[0] if self.phases else None
        return first if first is not None and first.kind == "warm-up" else None

    @property
    def in_warm_up(self) -> bool:
        """True while the learning rate rises, in the newest epoch, to where it never was."""
        rises = bool(self.phases) and self.phases[-1].kind == "warm-up"
        return rises and self.lr.last.value >= float(self.lr.values.max())

    @cached_property
    def cuts(self) -> tuple[Cut, ...]:
        """Sudden falls of the learning rate to 0.7 or less, smooth anneals left out."""
        return phases.find_cuts(self.lr)

    def cut_effect(self, cut: Cut, column: str, window: int) -> CutEffect:
        """Progress of a column over `window` epochs on both sides of a cut, and its trigger."""
        return effects.cut_effect(self.signals, cut, column, window)

    def early_cuts(self, least: int = 5, share: float = 0.15) -> tuple[Cut, ...]:
        """Cuts within max(least epochs, share of the plan) of the learning rate's peak."""
        return effects.early_cuts(self.signals, least, share)

    def descent(self, floor: float, window: int) -> Descent | None:
        """The LR's way down to a floor that it never left; None when it did not come there."""
        return effects.descent(self.signals, floor, window)

    @cached_property
    def schedule(self) -> Schedule | None:
        """The recognised schedule; None without a learning rate."""
        return schedule.recognise(self.run, self.lr)

    @property
    def is_as_declared(self) -> bool:
        """True where the learning rate follows a closed form that the settings declare."""
        error = None if self.schedule is None else self.schedule.declared_error
        return error is not None and error <= 1

    @cached_property
    def schedule_mistake(self) -> Mistake | None:
        """The misreading of the declared schedule's clock that explains the LR; None if none."""
        if not len(self.lr):
            return None
        return following.mistake(self.run, self.lr, schedule.allowed_error(self.lr))

    @cached_property
    def replay(self) -> Replay | None:
        """The plateau scheduler that explains every cut; None when a plan or nothing does."""
        if self.schedule is None or self.schedule.is_planned:
            return None
        patience = self.run.settings.number(self.plateau_patience_key or "")
        return replay.replay(self.run, self.signals, patience)

    @cached_property
    def plateau_patience_key(self) -> str | None:
        """The setting with the patience of a plateau scheduler, if one is declared."""
        return keys.plateau_patience_key(self.run.settings)

    @cached_property
    def declared_warm_up(self) -> WarmUp | None:
        """The warm-up that the settings declare; None without one of known length."""
        return stopping.declared_warm_up(self.run)

    @cached_property
    def declared_stop(self) -> Stop | None:
        """The early stop that the settings declare; None without one."""
        return stopping.declared_stop(self.run)

    @cached_property
    def stop_replay(self) -> StopReplay | None:
        """The declared early stop where it ends the run just where the log ends; else None."""
        return stopping.replay(self.run, self.signals)
