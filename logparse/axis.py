"""What the rows of a run are called: epochs, or the steps of a log by steps."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from logparse.findings import epoch_label, epoch_span, plural
from logparse.run import MAX_EPOCH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from logparse.findings import Finding, Measure
    from logparse.numerals import Floats as FloatArray
    from logparse.run import Run

_NAMES = {
    "epoch": "epoch",
    "step": "step",
    "tokens": "token",
    "samples": "sample",
    "since_start_s": "second",
}
_PRINTED = "epoch_printed"
"""Column of logs that print parts of epochs: their rows are counted."""
_LABELS = re.compile(r"(?<![\w./-])E(\d{2,})(?:-E(\d{2,}))?(?![\w/-]|\.\w)")
_LENGTHS = re.compile(
    r"(?<=schedule over )\d+(?= epochs)|\b\d+(?= planned epochs)|(?<= of )\d+(?= planned|: the run)"
)
_WHOLE = re.compile(r"\b(times the|more|all|number of|planned|schedule over [\d,.]+) epochs\b(?!=)")
_ONE = re.compile(r"\b([Aa])n epoch\b(?! \S+ ->|=)")
_WORD = re.compile(r"\b([Ee])poch(s?)\b(?! \S+ ->|=)")
_EPOCH = re.compile(r"(?<![^\W_])epoch(?=s?(?:_|$))")
_PLANNED = (
    *("MAX_EPOCHS", "NUM_EPOCHS", "N_EPOCHS", "EPOCHS", "TRAIN_EPOCHS"),
    *("NUM_TRAIN_EPOCHS", "TOTAL_EPOCHS"),
)
"""Settings that declare how many epochs are planned, in any case; the first of them counts."""
_PLANNED_STEPS = (
    *("MAX_STEPS", "MAX_ITERS", "MAX_ITER", "NUM_ITERATIONS", "TRAIN_NUM_BATCHES", "TRAIN_STEPS"),
    *("MAX_TRAIN_STEPS", "NUM_TRAIN_STEPS", "NUM_TRAINING_STEPS", "TOTAL_STEPS", "NUM_STEPS"),
    *("TRAINING_STEPS", "TOTAL_ITERS", "NUM_ITERS", "ITERATIONS"),
)
"""The same for steps."""
_PLACES = ("plateau_start", "first_counted")


def is_by_epochs(run: Run) -> bool:
    """True where a row is a whole epoch, and is called `E07`."""
    return run.axis == "epoch" and _PRINTED not in run.epochs


def noun(run: Run) -> str:
    """What a place on the run's axis is called: `epoch`, `step`, `token`, ..."""
    return _NAMES.get(run.axis, run.axis)


def column(run: Run) -> str:
    """The column of `run.epochs` that says where its rows stand."""
    named = _PRINTED if run.axis == "epoch" else run.axis
    return named if named in run.epochs else "epoch"


def places(run: Run, rows: FloatArray) -> FloatArray:
    """Where rows stand on the run's axis, those between and beyond the logged ones by pace."""
    import numpy as np  # the rules import this module, and are to be listed at once

    known = run.epochs["epoch"].to_numpy(dtype=np.float64)
    if is_by_epochs(run) or not len(known):
        return rows
    ats = run.epochs[column(run)].to_numpy(dtype=np.float64)
    pace = float(np.median(np.diff(ats))) if len(ats) > 1 else 1.0
    beyond = np.maximum(rows - known[-1], 0) + np.minimum(rows - known[0], 0)
    found: FloatArray = np.interp(rows, known, ats) + beyond * pace
    return found


def place(run: Run, row: float) -> float:
    """Where a row stands on the run's axis."""
    import numpy as np

    return float(places(run, np.array([row], dtype=np.float64))[0])


def label(run: Run, epoch: int) -> str:
    """The row as people call it: `E07`, `step 700`, `token 1,000,000`."""
    if is_by_epochs(run):
        return epoch_label(epoch)
    return f"{noun(run)} {place(run, epoch):,.10g}"


def span(run: Run, first: int, last: int) -> str:
    """An inclusive range of rows: `E07-E09`, `steps 700-900`; a single one as `label` has it."""
    if is_by_epochs(run):
        return epoch_span(first, last)
    if first == last:
        return label(run, first)
    return f"{noun(run)}s {place(run, first):,.10g}-{place(run, last):,.10g}"


def count_rows(run: Run, count: int, kind: str = "") -> str:
    """`12 epochs`, or `12,000 points` in a log by steps; `12 later epochs`."""
    if is_by_epochs(run):
        return plural(count, f"{kind}epoch")
    return f"{count:,} {kind}point{'' if count == 1 else 's'}"


def planned_words(run: Run) -> str:
    """How long the run is to be: `70 epochs`, `2,310 steps`; '' where that is not declared."""
    planned = run.planned_epochs
    if planned is None:
        return ""
    return plural(planned, "epoch") if is_by_epochs(run) else f"{declared_length(run):,.10g} steps"


def planned_key(run: Run) -> str:
    """The setting that declares how long the run is to be; MAX_EPOCHS or MAX_STEPS for none."""
    declared = {key.upper(): key for key in reversed([*run.settings])}
    keys = _PLANNED_STEPS if run.axis == "step" else _PLANNED
    known = [declared[key] for key in keys if key in declared]
    reached = (key for key in known if (run.settings.number(key) or 0) >= 1)
    return next(reached, known[0] if known else keys[0])


def declared_length(run: Run) -> float | None:
    """How long the run is to be as its settings say, in epochs or steps; None where they do not."""
    planned = run.settings.number(planned_key(run))
    return None if planned is None or not 1 <= planned <= MAX_EPOCH else planned


def planned_epochs(run: Run) -> int | None:
    """How many rows the run has when all of them are there, see `Run.planned_epochs`."""
    planned = declared_length(run)
    if planned is None:
        return None
    return int(planned) if is_by_epochs(run) else _planned_rows(run, planned)


def _planned_rows(run: Run, planned: float) -> int | None:
    """How many rows a log by steps has when `planned` of them are done, at its pace so far."""
    import numpy as np

    name = column(run)
    if run.axis != "step" or name == "epoch":
        return None
    ats = run.epochs[name].to_numpy(dtype=np.float64)
    ats = ats[np.isfinite(ats)]
    pace = float(np.median(np.diff(ats))) if len(ats) > 1 else 0.0
    if pace <= 0:
        return None
    left = planned - float(ats[-1]) - (ats[0] == 0)  # the last of those counted from 0
    return len(ats) + max(int(left // pace), 0)


def in_own_words(run: Run, finding: Finding) -> Finding:
    """The finding as one speaks of the run's rows; of a run by epochs as it is.

    `epochs` stay the numbers of rows.
    """
    if is_by_epochs(run):
        return finding
    said = _Words(run)
    return replace(
        finding,
        reading=said.sentence(finding.reading),
        confirm=said.sentence(finding.confirm),
        causes=tuple(map(said.of, finding.causes)),
        remedies=tuple(map(said.of, finding.remedies)),
        measured=said.measured(finding.measured),
    )


def reason_in_own_words(run: Run, reason: str) -> str:
    """As `in_own_words`, for what a check says."""
    return reason if is_by_epochs(run) or not reason else _Words(run).of(reason)


class _Words:
    """The words for rows of one run, whose own names stay as they are."""

    def __init__(self, run: Run) -> None:
        self._run, self._noun = run, noun(run)

    @cached_property
    def _own_names(self) -> re.Pattern[str] | None:
        """Names of the log in which a word for epochs stands by itself."""
        names = [*map(str, self._run.epochs.columns), *self._run.nonfinite, *self._run.settings]
        patterns = (_LABELS, _WORD)
        own = {n for n in names if n.casefold() not in ("epoch", "epochs")}
        own = {name for name in own if any(pattern.search(name) for pattern in patterns)}
        longest = sorted(map(re.escape, own), key=len, reverse=True)
        return re.compile(f"({'|'.join(longest)})") if own else None

    def sentence(self, text: str) -> str:
        """As `of`; what begins with a place begins with a capital letter still."""
        said = self.of(text)
        return said if said[:1] == text[:1] else said[:1].upper() + said[1:]

    def of(self, text: str) -> str:
        """The text without epochs."""
        if self._own_names is None:
            return self._plain(text)
        parts = self._own_names.split(text)
        return "".join(part if at % 2 else self._plain(part) for at, part in enumerate(parts))

    def _plain(self, text: str) -> str:
        text = _LABELS.sub(self._label, text)
        text = _LENGTHS.sub(lambda found: self._length(int(found[0])), text)
        text = _WHOLE.sub(rf"\1 {self._noun}s", text)
        text = _ONE.sub(r"\1 point", text)
        return _WORD.sub(lambda m: ("point" if m[1] == "e" else "Point") + m[2], text)

    def _length(self, rows: int) -> str:
        declared = declared_length(self._run) if rows == self._run.planned_epochs else None
        return f"{place(self._run, rows) if declared is None else declared:,.10g}"

    def _label(self, found: re.Match[str]) -> str:
        first = int(found[1])
        return span(self._run, first, int(found[2] or first))

    def measured(self, facts: Mapping[str, Measure]) -> dict[str, Measure]:
        """The facts: places on the run's axis, counts of points, texts without epochs."""
        return dict(self._fact(name, value) for name, value in facts.items())

    def _fact(self, name: str, value: Measure) -> tuple[str, Measure]:
        if isinstance(value, str):
            return _EPOCH.sub("point", name), self.of(value)
        is_own = name.startswith("predecessor") or name.endswith("per_epoch")
        if (name in _PLACES or name.endswith("epoch")) and not is_own and math.isfinite(value):
            at = place(self._run, float(value))
            return _EPOCH.sub(self._noun, name), int(at) if at.is_integer() else at
        return _EPOCH.sub("point", name), value
