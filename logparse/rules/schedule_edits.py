"""Remedies that edit a schedule of the learning rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.axis import place
from logparse.keys import FLOOR_KEYS, LENGTH_KEYS, STEP_KEYS, THRESHOLD_KEYS, setting
from logparse.rules.edits import adjusted, changed, plateau_patience, remedies

if TYPE_CHECKING:
    from logparse.run import Run
    from logparse.signals.rate.stopping import WarmUp

FACTOR_KEYS = (
    *("LR_FACTOR", "PLATEAU_FACTOR", "SCHEDULER_FACTOR", "REDUCE_LR_FACTOR", "FACTOR"),
    *("GAMMA", "LR_GAMMA", "STEP_GAMMA", "LR_DECAY_FACTOR", "LR_DECAY"),
)
ONECYCLE_RISE = "ONECYCLE_PCT_START"
LONGEST_WARM_UP, LONGEST_RISE = 0.1, 0.3
GENTLE = 0.45
SAME = 0.2
"""A declared factor this near to the ratio of a cut is the one that made it."""


def against_early_cuts(
    run: Run, key: str | None, cut: tuple[float, float | None], *, steps: bool
) -> tuple[str, ...]:
    """A schedule that cuts later: a planned one its steps, a plateau-driven one its patience.

    `cut` is the ratio by which the rate fell, and the threshold to try, where one is known.
    """
    ratio, threshold = cut
    softer = gentler_factor(run, ratio)
    plateau = (plateau_patience(run, key), softer, plateau_threshold(run, threshold))
    cosine = f"or a cosine schedule over {run.planned_epochs or 'all'} epochs"
    return remedies(*((later_milestones(run), softer) if steps else plateau), cosine)


def plateau_threshold(run: Run, wanted: float | None) -> str | None:
    """A declared threshold of the plateau scheduler brought down to `wanted`, in its own unit.

    Never up: the more a new best must bring, the sooner the scheduler cuts.
    """
    found = setting(run.settings, THRESHOLD_KEYS)
    if wanted is None or found is None or found[1] <= wanted:
        return None
    return changed(run, found[0], wanted)


def later_milestones(run: Run) -> str:
    """The first step of a stepped schedule at 60% of the epochs, the others after it."""
    epochs = run.planned_epochs or len(run.epochs)
    later = [round(place(run, round(share * epochs))) for share in (0.6, 0.8)]
    for key in run.settings:
        if "MILESTONE" in key.upper():
            return changed(run, key, later)
    words = f"the first step at {run.label(round(0.6 * epochs))} or later"
    return adjusted(run, STEP_KEYS, lambda old: later[0], words) or words


def gentler_factor(run: Run, ratio: float) -> str | None:
    """Cut the learning rate to a half, where it is cut to less; `ratio` is how far it fell."""
    if ratio > GENTLE:
        return None
    for key in FACTOR_KEYS:
        old = run.settings.number(key)
        if old is not None and abs(old - ratio) <= SAME * ratio:
            return changed(run, key, 0.5)
    return f"cut by a factor of 0.5 instead of {ratio:.2g}"


def longer_schedule(run: Run) -> str | None:
    """The declared length of a schedule that is over before the run is: the planned epochs."""
    for key in LENGTH_KEYS:
        length, planned = run.settings.number(key), run.planned_epochs
        if length is not None and planned is not None and 0 < length < planned:
            return changed(run, key, round(place(run, planned)))
    return None


def own_length_key(run: Run, length: float) -> str | None:
    """The setting that says how many epochs the schedule has; None where none says just that."""
    keys = (*LENGTH_KEYS, run.planned_key)
    return next((key for key in keys if run.settings.number(key) == length), None)


def longer_warm_up(run: Run, warm_up: WarmUp | None) -> str | None:
    """The declared warm-up, else OneCycle's rise, twice as long; None where it is long already."""
    planned, rise = run.planned_epochs, run.settings.number(ONECYCLE_RISE)
    if warm_up is not None and planned is not None:
        size = warm_up.resized(min(2 * warm_up.epochs, LONGEST_WARM_UP * planned))
        return changed(run, warm_up.key, size) if size > warm_up.size else None
    if warm_up is None and rise is not None and 0 < rise < LONGEST_RISE:
        return changed(run, ONECYCLE_RISE, min(2 * rise, LONGEST_RISE))
    return None


def higher_floor(run: Run, better: float) -> str | None:
    """The declared minimum of the learning rate raised; None where it is as high."""
    found = setting(run.settings, FLOOR_KEYS)
    if found is None:
        return f"a minimum rate of {better:.1e}"
    return changed(run, found[0], better) if found[1] < 0.9 * better else None
