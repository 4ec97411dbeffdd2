"""How a remedy is phrased: an edit of a setting that the run itself declares, else plain words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from logparse.findings import epoch_label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from logparse.run import Run

LR_KEYS = ("ONECYCLE_MAX_LR", "MAX_LR", "LEARNING_RATE", "BASE_LR", "INITIAL_LR", "LR")
FACTOR_KEYS = ("LR_FACTOR", "PLATEAU_FACTOR", "SCHEDULER_FACTOR", "REDUCE_LR_FACTOR", "FACTOR")
THRESHOLD_KEYS = ("PLATEAU_THRESHOLD", "LR_THRESHOLD", "SCHEDULER_THRESHOLD")


WORKER_KEYS = ("TRAIN_WORKERS", "NUM_WORKERS", "WORKERS", "DATALOADER_WORKERS")
BATCH_KEYS = ("TRAIN_BATCH", "BATCH_SIZE", "TRAIN_BATCH_SIZE")


SMOOTHING_KEYS = ("LABEL_SMOOTHING", "ALPHA_SMOOTH")
MAX_RATE = 1.0


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
    for key in keys:
        old = run.settings.number(key)
        if old is not None and old > 0 and math.isfinite(old):
            return changed(run, key, new(old))
    return otherwise


def switched(run: Run, key: str, to: bool, otherwise: str | None = None) -> str | None:
    """`KEY False -> True` where the run declares the opposite; the plain words if undeclared."""
    if key not in run.settings:
        return otherwise
    return changed(run, key, to) if run.settings[key] is (not to) else None


def learning_rate(run: Run, factor: float) -> str:
    """The learning rate times a factor."""
    verb = "multiply" if factor > 1 else "divide"
    size = factor if factor > 1 else 1 / factor
    return scaled(run, LR_KEYS, factor) or f"{verb} the learning rate by {size:.2g}"


def clipped(run: Run, before: int | None = None) -> str | None:
    """Clip at the 90th percentile of the norms, those before an epoch if one is given.

    None where a tighter clip is declared.
    """
    norms = _norms(run, before)
    usual = norms[int(0.9 * (len(norms) - 1))] if norms else 0.0
    if usual <= 0:
        words = "clip gradients at the 90th percentile of their norms"
        return scaled(run, ["CLIPNORM"], 1 / 3, words)
    old = run.settings.number("CLIPNORM")
    if old is None or old <= 0:
        return f"clip gradients at {usual:.2g}, the 90th percentile of their norms"
    return changed(run, "CLIPNORM", float(f"{usual:.2g}")) if usual < old else None


def is_strongly_regularised(run: Run) -> bool:
    """True where two or more of dropout, smoothing and weight decay are declared very strong."""
    dropouts = [key for key in run.settings if key.upper().startswith("DROPOUT")]
    active = [key for key in dropouts if not is_switched_off(run, key)]
    return (
        sum(
            (
                _least(run, active, 0.5),
                _least(run, SMOOTHING_KEYS, 0.2),
                _least(run, ["WEIGHT_DECAY"], 0.5),
            )
        )
        >= 2
    )


def less_regularisation(run: Run) -> tuple[str, ...]:
    """Every declared, active regulariser halved (weight decay to a tenth): to try one by one."""
    dropouts = [key for key in run.settings if key.upper().startswith("DROPOUT")]
    active = [key for key in dropouts if not is_switched_off(run, key)]
    return remedies(
        *(scaled(run, [key], 0.5) for key in active),
        *(scaled(run, [key], 0.5) for key in SMOOTHING_KEYS),
        scaled(run, ["WEIGHT_DECAY"], 0.1),
    )


def more_regularisation(run: Run) -> tuple[str, ...]:
    """Weight decay times three, active dropouts a tenth up to a half: to try one by one."""
    dropouts = [key for key in run.settings if key.upper().startswith("DROPOUT")]
    active = [key for key in dropouts if not is_switched_off(run, key)]
    return remedies(
        scaled(run, ["WEIGHT_DECAY"], 3, "add weight decay"),
        *(_risen(run, key) for key in active),
        None if active else "add dropout of 0.1",
        *(adjusted(run, [key], lambda _: 0.1) for key in SMOOTHING_KEYS if _below(run, key, 0.1)),
    )


def back_to_finite(run: Run, first: int) -> tuple[str, ...]:
    """What to try where numbers broke at epoch `first`."""
    at_start = "look for nan in the inputs, and for log, sqrt and division at zero"
    return remedies(
        at_start if first == run.first_epoch else "train from the last checkpoint before it",
        learning_rate(run, 1 / 3),
        scaled(run, ["CLIPNORM"], 1 / 3, "clip gradients by norm"),
        "bf16 or fp32 instead of fp16; torch.autograd.set_detect_anomaly(True)",
    )


def stop_earlier(run: Run, key: str = "EARLY_STOP_PATIENCE") -> str | None:
    """Early stopping with a patience of a tenth of the epochs, at least five.

    None where as much is declared, or less.
    """
    patience = max(5, math.ceil((run.planned_epochs or len(run.epochs)) / 10))
    old = run.settings.number(key)
    if old is not None and 0 < old <= patience:
        return None
    if old is not None:
        return changed(run, key, patience)
    return f"stop early with a patience of {patience} epochs, and keep the best checkpoint"


def faster(run: Run, factor: float) -> str | None:
    """The learning rate times a factor above 1; None where a rate above 1 would come of it."""
    declared = (run.settings.number(key) for key in LR_KEYS)
    old = next((rate for rate in declared if rate is not None and 0 < rate < math.inf), 0.0)
    return learning_rate(run, factor) if old * factor <= MAX_RATE else None


def plateau_patience(run: Run, key: str | None) -> str:
    """Patience of the plateau scheduler to twice itself or a tenth of the epochs."""
    tenth = math.ceil((run.planned_epochs or len(run.epochs)) / 10)

    def longer(old: float) -> float:
        return max(2 * old, tenth)

    words = f"raise the plateau scheduler's patience to {max(tenth, 2)} epochs or more"
    if key is not None and run.settings.number(key) == 0:
        return changed(run, key, max(tenth, 2))
    return adjusted(run, [key] if key else [], longer, words) or words


def plateau_threshold(run: Run, wanted: float) -> str:
    """The plateau scheduler's threshold, relative, to what stands out of the noise."""
    words = f"threshold {wanted:.2g} (2 sigma, relative), cooldown = patience"
    return adjusted(run, THRESHOLD_KEYS, lambda old: wanted, words) or words


def later_milestones(run: Run) -> str:
    """The first step of a stepped schedule at 60% of the epochs, the others after it."""
    key = next((key for key in run.settings if "MILESTONE" in key.upper()), None)
    epochs = run.planned_epochs or len(run.epochs)
    later = [round(0.6 * epochs), round(0.8 * epochs)]
    words = f"the first step at {epoch_label(later[0])} or later"
    return words if key is None else changed(run, key, later)


def gentler_factor(run: Run) -> str:
    """Cut the learning rate to a half instead of to a tenth."""
    for key in FACTOR_KEYS:
        old = run.settings.number(key)
        if old is not None and old < 0.5:
            return changed(run, key, 0.5)
    return "cut by a factor of 0.5 instead of 0.1"


def _least(run: Run, keys: Iterable[str], least: float) -> bool:
    return any((run.settings.number(key) or 0.0) >= least for key in keys)


def _norms(run: Run, before: int | None) -> list[float]:
    """The finite total gradient norms, sorted."""
    if "grad_norm" not in run.epochs:
        return []
    norms = zip(run.epochs["epoch"].tolist(), run.epochs["grad_norm"].tolist(), strict=True)
    return sorted(v for n, v in norms if math.isfinite(v) and (before is None or n < before))


def against_early_cuts(
    run: Run, key: str | None, threshold: float, *, steps: bool
) -> tuple[str, ...]:
    """A schedule that cuts later: a planned one its steps, a plateau-driven one its patience."""
    plateau = (plateau_patience(run, key), gentler_factor(run), plateau_threshold(run, threshold))
    cosine = f"or a cosine schedule over {run.planned_epochs or 'all'} epochs"
    return remedies(*((later_milestones(run), gentler_factor(run)) if steps else plateau), cosine)


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
