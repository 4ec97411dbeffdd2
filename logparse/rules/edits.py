"""How a remedy is phrased: an edit of a setting that the run itself declares, else plain words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from logparse.keys import BATCH_KEYS, OPTIMIZER_KEYS, positive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from logparse.run import Run
    from logparse.signals import Signals

LR_KEYS = ("ONECYCLE_MAX_LR", "MAX_LR", "LEARNING_RATE", "BASE_LR", "INITIAL_LR", "LR")
WORKER_KEYS = ("TRAIN_WORKERS", "NUM_WORKERS", "WORKERS", "DATALOADER_WORKERS")
SMOOTHING_KEYS = ("LABEL_SMOOTHING", "ALPHA_SMOOTH")

WHOLE = (*WORKER_KEYS, *BATCH_KEYS)
"""Settings that count something: no half of a sample."""
HIGHEST_ADAM_LR, HIGHEST_LR = 1e-2, 1.0
HIGHEST_WEIGHT_DECAY = 0.5
NEAR = 1.5


def remedies(*found: str | None) -> tuple[str, ...]:
    """Those that apply, in order, each once."""
    return tuple(dict.fromkeys(edit for edit in found if edit is not None))


def changed(run: Run, key: str, new: object) -> str:
    """`KEY old -> new`, the old value as the log prints it."""
    return f"{key} {run.settings.raw.get(key, run.settings.get(key))} -> {_shown(new)}"


def scaled(
    run: Run, keys: Iterable[str], factor: float, otherwise: str | None = None
) -> str | None:
    """The first of the keys declared as a positive number, multiplied; else the plain words."""

    def times(old: float) -> float:
        return old * factor

    return adjusted(run, keys, times, otherwise)


def adjusted(
    run: Run, keys: Iterable[str], new: Callable[[float], float], otherwise: str | None = None
) -> str | None:
    """The first of the keys declared as a positive number, with `new` of it; else plain words."""
    found = positive(run.settings, keys)
    if found is None:
        return otherwise
    key, old = found
    value = float(max(math.floor(new(old)), 1)) if key.upper() in WHOLE else new(old)
    return changed(run, key, value) if value != old else otherwise


def switched(run: Run, key: str, to: bool, otherwise: str | None = None) -> str | None:
    """`KEY False -> True` where the run declares the opposite; the plain words if undeclared."""
    if key not in run.settings:
        return otherwise
    return changed(run, key, to) if run.settings[key] is (not to) else None


def turned_on(run: Run, keys: Iterable[str], words: str) -> str | None:
    """The first of the keys that is declared switched on, None if it is on; else the words."""
    key = next((key for key in keys if key in run.settings), "")
    return switched(run, key, True, words)


def smaller_batch(run: Run, share: float, otherwise: str | None = None) -> str | None:
    """The declared batch times a share, in whole samples; None for one that is as small as can be.

    The plain words where no batch is declared.
    """
    found = positive(run.settings, BATCH_KEYS)
    if found is None:
        return otherwise
    key, old = found
    return changed(run, key, max(math.floor(share * old), 1)) if old > 1 else None


def learning_rate(run: Run, factor: float) -> str:
    """The learning rate times a factor; a larger one at most the highest that is usual."""
    verb = "multiply" if factor > 1 else "divide"
    size = factor if factor > 1 else 1 / factor
    words = f"{verb} the learning rate by {size:.2g}"
    highest = HIGHEST_ADAM_LR if is_adam(run) else HIGHEST_LR

    def new(old: float) -> float:
        return min(factor * old, highest) if factor > 1 else factor * old

    key = lr_key(run)
    if key is not None and factor > 1 and run.settings.number(key) == highest:
        words = f"a sweep of smaller rates: {key} {highest:g} is the highest that is usual"
    return words if key is None else adjusted(run, [key], new, words) or words


def lr_key(run: Run) -> str | None:
    """The setting with the peak rate; of several the first that the highest logged one is near."""
    declared = {key: run.settings.number(key) or 0.0 for key in LR_KEYS}
    rates = {key: rate for key, rate in declared.items() if rate > 0}
    peak = float(run.epochs["lr"].max()) if len(rates) > 1 and "lr" in run.epochs else 0.0
    near = (key for key, rate in rates.items() if peak / NEAR <= rate <= peak * NEAR)
    return next(near, next(iter(rates), None))


def is_adam(run: Run) -> bool:
    """Whether the log names an optimizer of the Adam family, of those that take a rate as it is."""
    names = (str(run.settings[key]).lower() for key in OPTIMIZER_KEYS if key in run.settings)
    return any("adam" in name and "dadapt" not in name for name in names)


def warm_up(signals: Signals, share: str = "5%") -> str:
    """A warm-up over a share of the steps; a longer one where the run has one."""
    if signals.rate.warm_up is not None or signals.rate.declared_warm_up is not None:
        return "a longer warm-up"
    return f"a warm-up over {share} of the steps"


def active_dropouts(run: Run) -> list[str]:
    """Dropouts declared as a share, those of modules that are switched off left out."""
    names = [key for key in run.settings if key.upper().startswith("DROPOUT")]
    rates = [(key, run.settings.number(key)) for key in names if not is_switched_off(run, key)]
    return [key for key, rate in rates if rate is not None and 0 <= rate <= 1]


def is_strongly_regularised(run: Run) -> bool:
    """True where two or more of dropout, smoothing and weight decay are declared very strong."""
    return (
        sum(
            (
                _least(run, active_dropouts(run), 0.5),
                _least(run, SMOOTHING_KEYS, 0.2),
                _least(run, ["WEIGHT_DECAY"], 0.5),
            )
        )
        >= 2
    )


def weaker_decay(run: Run) -> str | None:
    """Weight decay to a tenth where more is declared than is usual; else None."""
    decay = run.settings.number("WEIGHT_DECAY") or 0.0
    return scaled(run, ["WEIGHT_DECAY"], 0.1) if decay >= HIGHEST_WEIGHT_DECAY else None


def less_regularisation(run: Run) -> tuple[str, ...]:
    """Every declared, active regulariser halved (weight decay to a tenth): to try one by one."""
    return remedies(
        *(scaled(run, [key], 0.5) for key in active_dropouts(run)),
        *(scaled(run, [key], 0.5) for key in SMOOTHING_KEYS),
        scaled(run, ["WEIGHT_DECAY"], 0.1),
    )


def more_regularisation(run: Run) -> tuple[str, ...]:
    """Weight decay times three, active dropouts a tenth up to a half: to try one by one."""
    active, decay = active_dropouts(run), run.settings.number("WEIGHT_DECAY") or 0.0
    return remedies(
        scaled(run, ["WEIGHT_DECAY"], 3, "add weight decay")
        if 3 * decay <= HIGHEST_WEIGHT_DECAY
        else None,
        *(_risen(run, key) for key in active),
        None if active else "add dropout of 0.1",
        *(adjusted(run, [key], lambda _: 0.1) for key in SMOOTHING_KEYS if _below(run, key, 0.1)),
    )


def stop_earlier(run: Run, key: str = "EARLY_STOP_PATIENCE") -> str:
    """Early stopping with a patience of a tenth of the epochs, at least five; None is longer."""
    patience = max(5, math.ceil((run.planned_epochs or len(run.epochs)) / 10))
    old = run.settings.number(key)
    if old is not None and 0 < old <= patience:
        return "keep the best checkpoint, not the last"
    if old is not None:
        return changed(run, key, patience)
    return f"stop early with a patience of {patience} epochs, and keep the best checkpoint"


def faster(run: Run, factor: float) -> str | None:
    """The learning rate times a factor above 1; None where it would be above all that is usual."""
    key = lr_key(run)
    old = (run.settings.number(key) if key is not None else None) or 0.0
    return learning_rate(run, factor) if old * factor <= HIGHEST_LR else None


def plateau_patience(run: Run, key: str | None) -> str:
    """Patience of the plateau scheduler to twice itself or a tenth of the epochs."""
    tenth = math.ceil((run.planned_epochs or len(run.epochs)) / 10)

    def longer(old: float) -> float:
        return max(2 * old, tenth)

    words = f"raise the plateau scheduler's patience to {max(tenth, 2)} epochs or more"
    if key is not None and run.settings.number(key) == 0:
        return changed(run, key, max(tenth, 2))
    return adjusted(run, [key] if key else [], longer, words) or words


def _least(run: Run, keys: Iterable[str], least: float) -> bool:
    return any((run.settings.number(key) or 0.0) >= least for key in keys)


def loader_workers(run: Run) -> float:
    """Declared loader processes, 0 where none are."""
    return next((count for key in WORKER_KEYS if (count := run.settings.number(key))), 0.0)


def more_workers(run: Run) -> str:
    """From no loader processes to four, from some to twice as many."""
    idle = next((key for key in WORKER_KEYS if run.settings.number(key) == 0), None)
    if idle is not None:
        return changed(run, idle, 4)
    words = "use as many loader processes as there are cores"
    return adjusted(run, WORKER_KEYS, lambda count: 2.0 * count, words) or words


def _risen(run: Run, key: str) -> str | None:
    old = run.settings.number(key)
    return changed(run, key, old + 0.1) if old is not None and 0 <= old <= 0.4 else None


def _below(run: Run, key: str, limit: float) -> bool:
    old = run.settings.number(key)
    return old is not None and 0 < old < limit


def is_switched_off(run: Run, key: str) -> bool:
    """True for the dropout of a module declared unused: DROPOUT_LONG with USE_LONG_LSTM False."""
    part = key.upper().removeprefix("DROPOUT").strip("_")
    return bool(part) and any(
        other.upper().startswith(f"USE_{part}") and run.settings[other] is False
        for other in run.settings
    )


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{int(value)}" if value.is_integer() and abs(value) < 1e15 else f"{value:.3g}"
    return str(value)
