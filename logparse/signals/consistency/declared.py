"""What a run declares, held against what its log shows: shapes, counts, the first learning rate.

Nothing here is an estimate. A pair is compared only where both sides are printed, and a printed
number is given its print step.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from logparse.keys import BATCH_KEYS, SAMPLES_KEYS, positive
from logparse.signals.rate.plans import declared_kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from logparse.run import Run
    from logparse.settings import Settings
    from logparse.signals import Signals

WINDOW_KEYS = ("LOOK_BACK", "LOOKBACK", "SEQ_LEN", "SEQUENCE_LENGTH", "WINDOW_SIZE")
FEATURE_KEYS = ("FEATURES", "N_FEATURES", "NUM_FEATURES", "INPUT_DIM")
PARAM_KEYS = ("TOTAL_PARAMS", "N_PARAMS", "NUM_PARAMS", "MODEL_PARAMS", "PARAMS")
BASE_LR_KEYS = ("LEARNING_RATE", "BASE_LR", "INITIAL_LR", "LR")
WARM_UP_WORDS = ("WARMUP", "WARM_UP")

SHARE = 0.005
"""Counts further apart than this are not the same count."""
LR_SHARE = 0.02
FIRST_EPOCH_DECAY = 0.5
"""A schedule without a warm-up has not fallen below this share after its first epoch."""
MANY_WINDOWS = 10
"""A batch of this many times its declared size is counted in something smaller than samples."""
_UNITS = {"": 1.0, "K": 1e3, "M": 1e6, "B": 1e9, "G": 1e9}
_COUNT = re.compile(r"([0-9][0-9,_]*)(\.[0-9]+)?\s*([KMBG]?)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Two places of one log that say different things about the same fact.

    kind           `window`, `features`, `parameters`, `batch`, `lr`, `groups` or `epochs`
    declared_name  the setting, or the header's name, with `declared` beside it
    observed_name  what it was held against, with `observed` beside it
    hint           why they may differ, by what this log shows; empty when it shows nothing
    is_sure        False where an ordinary reason is left open
    """

    kind: str
    declared_name: str
    declared: float
    observed_name: str
    observed: float
    hint: str = ""
    is_sure: bool = True


def mismatches(run: Run, signals: Signals, share: float = SHARE) -> tuple[Mismatch, ...]:
    """Every pair that disagrees, in the order of the log's header.

    `share` is how far two counts of parameters may lie apart.
    """
    return (
        *_window(run),
        *_features(run),
        *_batch(run),
        *_parameters(run, share),
        *_first_lr(run, signals),
        *_groups(run, signals),
        *_epochs(run),
    )


def compared(run: Run, signals: Signals) -> int:
    """How many facts the log prints twice, so that they can be compared at all."""
    settings, batch = run.settings, run.batch
    pairs = (
        (positive(settings, WINDOW_KEYS), batch.get("seq_len_full")),
        (positive(settings, FEATURE_KEYS), batch.get("feat")),
        (positive(settings, BATCH_KEYS), batch.get("B")),
        (run.model.get("total_params"), _other_count(run)),
        (_start_lr(settings), _header_lr(run)),
        (run.optimizer.get("groups"), len(signals.series("opt_groups")) or None),
        (run.planned_epochs, run.last_epoch),
    )
    return sum(declared is not None and seen is not None for declared, seen in pairs)


def tensor_names(run: Run) -> frozenset[str]:
    """Tensors of the first parameter list, modules with a gradient norm, names in the header."""
    names = run.parameters["name"]
    first = names[run.parameters["epoch"] == run.first_epoch] if len(names) else names
    columns = (column.partition("/") for column in map(str, run.epochs))
    modules = (module for kind, _, module in columns if kind == "grad_norm" and module)
    samples = run.model.get("sample_params")
    listed = samples if isinstance(samples, list) else []
    return frozenset(map(str, (*first, *modules, *listed)))


def printed_count(text: str) -> tuple[float, float] | None:
    """A count as people write it, `614,786`, `307K`, `2.3M`: its value and half its last digit.

    None for other text.
    """
    found = _COUNT.fullmatch(text.strip())
    if found is None:
        return None
    whole, decimals, unit = re.sub("[,_]", "", found[1]), found[2] or "", found[3].upper()
    if len(whole) > 300:
        return None
    scale = _UNITS[unit]
    half = 0.5 * scale * 10.0 ** -max(len(decimals) - 1, 0) if unit or decimals else 0.0
    return float(whole + decimals) * scale, half


def _whole(facts: Mapping[str, object], key: str) -> int | None:
    value = facts.get(key)
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if abs(value) < 2**63 else None


def _window(run: Run) -> Iterator[Mismatch]:
    declared, seen = positive(run.settings, WINDOW_KEYS), _whole(run.batch, "seq_len_full")
    if declared is None or seen is None or declared[1] == seen:
        return
    is_feat = seen == run.batch.get("feat")
    hint = "seq_len_full is the number of features: the log may print the wrong axis"
    yield Mismatch("window", *declared, "seq_len_full", seen, hint if is_feat else "")


def _features(run: Run) -> Iterator[Mismatch]:
    declared, seen = positive(run.settings, FEATURE_KEYS), _whole(run.batch, "feat")
    if declared is not None and seen is not None and declared[1] != seen:
        yield Mismatch("features", *declared, "feat", seen)


def _batch(run: Run) -> Iterator[Mismatch]:
    """B may count windows, of which a sample holds hundreds: then it says nothing of the batch."""
    declared, seen = positive(run.settings, BATCH_KEYS), _whole(run.batch, "B")
    if declared is None or seen is None or seen <= 0:
        return
    size = positive(run.settings, SAMPLES_KEYS)
    expected = min(declared[1], size[1]) if size is not None else declared[1]
    if seen == expected or seen >= MANY_WINDOWS * expected:
        return
    hint = ""
    if seen < expected and size is None:
        hint = "the training set may be smaller than one batch"
    elif seen % expected == 0:
        hint = "B may count several windows of a sample, or the batches of several devices"
    yield Mismatch("batch", *declared, "B", seen, hint, is_sure=not hint)


def _other_count(run: Run) -> object:
    """A second count of parameters beside that of the header, if the log has one."""
    declared = next((run.settings[key] for key in PARAM_KEYS if key in run.settings), None)
    return declared if declared is not None else run.micro.get("total_params")


def _parameters(run: Run, share: float) -> Iterator[Mismatch]:
    model, micro = run.model, run.micro
    total = _whole(model, "total_params")
    trainable, frozen = (_whole(model, f"{name}_params") for name in ("trainable", "frozen"))
    if total is not None and trainable is not None and frozen is not None:
        yield from _counts("trainable + frozen", trainable + frozen, 0.0, total, share)
    for key, here in (("total_params", total), ("trainable_params", trainable)):
        there = _whole(micro, key)
        if here is not None and there is not None:
            found = tuple(_counts(f"MICRODETAIL {key}", there, 0.0, here, share, key))
            yield from found
            if found:
                break
    real = total if total is not None else _whole(micro, "total_params")
    for key in PARAM_KEYS:
        count = printed_count(run.settings.raw[key]) if key in run.settings else None
        if count is not None and real is not None and count[0] > 0:
            yield from _counts(key, *count, real, share)


def _counts(
    name: str, value: float, half: float, real: int, share: float, observed: str = "total_params"
) -> Iterator[Mismatch]:
    """A mismatch where the count is off by more than its rounding and more than the share."""
    apart = abs(value - real)
    if apart > half and apart > share * max(value, real):
        yield Mismatch("parameters", name, value, observed, real)


def _first_lr(run: Run, signals: Signals) -> Iterator[Mismatch]:
    """The header's rate is the declared start, or one that the first epoch can lead to.

    Some programs write their header after an epoch. A run that does not begin at its first
    epoch was resumed, and may start anywhere.
    """
    start, header = _start_lr(run.settings), _header_lr(run)
    if start is None or header is None or (run.first_epoch or 0) > 1:
        return
    seen = signals.lr.first.value if len(signals.lr) else math.nan
    is_late = math.isclose(header, seen, rel_tol=1e-9)
    if start.warms_up or is_late:
        is_declared = _reaches(header, start.lowest) and _reaches(start.highest, header)
    else:
        is_declared = _reaches(header, start.rate) and _reaches(start.rate, header)
    if not is_declared:
        yield Mismatch("lr", start.name, start.rate, "DEBUG_OPT LRS", header)


def _header_lr(run: Run) -> float | None:
    rates = run.optimizer.get("lrs")
    first = rates[0] if isinstance(rates, tuple) and rates else None
    return first if isinstance(first, float) and math.isfinite(first) else None


@dataclass(frozen=True, slots=True)
class _Start:
    """Where a declared schedule starts, and between which rates its first epoch ends."""

    name: str
    rate: float
    lowest: float
    highest: float
    warms_up: bool = False


def _start_lr(settings: Settings) -> _Start | None:
    """The start of the declared schedule; None where it does not tell."""
    is_other = declared_kind(settings) not in (None, "onecycle")
    top = None if is_other else settings.number("ONECYCLE_MAX_LR")
    div = settings.number("ONECYCLE_DIV_FACTOR")
    if top is not None:
        rate = top / div if div is not None and div > 0 else 0.0
        if not 0 < rate < math.inf:
            return None
        return _Start("ONECYCLE_MAX_LR / DIV_FACTOR", rate, min(rate, top), max(rate, top))
    base = positive(settings, BASE_LR_KEYS)
    if base is None:
        return None
    name, rate = base
    warms_up = _warms_up(settings)
    return _Start(name, rate, 0.0 if warms_up else FIRST_EPOCH_DECAY * rate, rate, warms_up)


def _warms_up(settings: Settings) -> bool:
    """Whether a warm-up is declared, of a length that may be anything but zero."""
    names = (key for key in settings if any(word in key.upper() for word in WARM_UP_WORDS))
    return any(settings[key] not in (0, False, None, "") for key in names)


def _reaches(value: float, limit: float) -> bool:
    """At least the limit, but for 2% or half the last of the two digits that headers print."""
    step = 10.0 ** (math.floor(math.log10(limit)) - 1) if limit > 0 else 0.0
    return value >= limit - max(LR_SHARE * limit, 0.51 * step)


def _groups(run: Run, signals: Signals) -> Iterator[Mismatch]:
    """The optimizer's groups in the header against those of the first epoch line."""
    groups, seen = _whole(run.optimizer, "groups"), signals.series("opt_groups")
    if groups is not None and len(seen) and seen.first.value != groups:
        yield Mismatch("groups", "DEBUG_OPT GROUPS", groups, "OPTS groups", seen.first.value)
        return
    counts = run.optimizer.get("counts")
    for index, count in enumerate(counts if isinstance(counts, tuple) else ()):
        printed = signals.series(f"opt_params/{index}")
        if isinstance(count, int) and len(printed) and printed.first.value != count:
            name = f"DEBUG_OPT COUNTS[{index}]"
            yield Mismatch("groups", name, count, f"OPTS cnts[{index}]", printed.first.value)


def _epochs(run: Run) -> Iterator[Mismatch]:
    """More epochs than planned; fewer is another matter."""
    planned, last = run.planned_epochs, run.last_epoch
    if planned is not None and last is not None and last > planned:
        yield Mismatch("epochs", run.planned_key, planned, "last epoch", last)
