"""How the values of a comparison, their changes and what these are worth are worded."""

from __future__ import annotations

import math
from itertools import takewhile
from typing import TYPE_CHECKING

from logparse.comparison.measures import TO_TARGET
from logparse.comparison.model import Measure, Verdict
from logparse.findings import epoch_label
from logparse.metrics import Better
from logparse.renderers import numbers
from logparse.renderers.comparison.content import EMPTY, Cell, Column
from logparse.signals.consistency.differences import ERRORS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from logparse.comparison.model import Change, Row, Side, Summary
    from logparse.comparison.tasks import Interval

_SPREAD = 1.0
"""A larger SD, as a share of the median, is told in the unit: the median is near 0."""
_LEAST_P = 0.001
_SMALL_FACTOR = 0.1
_MOST_TEXTS = 3
_BEFORE = 6
"""Characters that stay in front of the first difference of long texts."""
_NAME_ROOM = 22
ABSENT = "-"
_UNREACHED = "never"


def label(measure: Measure) -> str:
    """What the measure is called, with its unit where its values do not show it."""
    is_shown = measure.unit in ("", "s", "x") or measure.unit in measure.label
    return measure.label if is_shown else f"{measure.label} ({measure.unit})"


def value(measure: Measure, number: float) -> str:
    """A value in the measure's unit."""
    if measure.unit == "s" and 0 <= number < math.inf:
        return numbers.duration(number)
    return numbers.ratio(number) if measure.unit == "x" else numbers.number(number)


def summary(measure: Measure, told: Summary | None) -> str:
    """`0.0388 @E31` of one run, `0.0391 ±4%` of several (median and SD), `-` of none."""
    if told is None:
        return _UNREACHED if measure in TO_TARGET[:2] else ABSENT
    text = value(measure, told.median)
    if told.n > 1:
        text += f" ±{_spread(measure, told)}"
    elif (epoch := told.values[0].epoch) is not None:
        text += f" @{told.values[0].place or epoch_label(epoch)}"
    return f"{text} ({told.n} of {told.n + told.lacking})" if told.lacking else text


def _spread(measure: Measure, told: Summary) -> str:
    sd, middle = told.sd or 0.0, abs(told.median)
    if measure.is_share or not sd <= _SPREAD * middle:
        return value(measure, float(f"{sd:.2g}"))
    share = 100 * sd / middle if middle else 0.0
    return f"{share:.0f}%" if share >= 9.95 else f"{share:.1f}%"


def percent(share: float) -> str:
    """A change in percent with its sign: `-9.3%`, `+170%`."""
    amount = 100 * share
    if not abs(amount) < 1e6:
        return f"{'+' * (amount > 0)}{numbers.number(amount)}%"
    return f"{amount:+.1f}%" if abs(amount) < 99.95 else f"{amount:+.0f}%"


def change(row: Row, side: int) -> Cell:
    """How far the side is from the reference; a style only where there is evidence of it."""
    found = row.changes[side]
    if found is None:
        return EMPTY
    return _told(row.measure, found.difference, found.relative), _style(row.measure, found)


def interval(row: Row, side: int) -> str:
    """The 95% interval of the change, in its unit: `[-13.1, -5.0]`; '' where there is none."""
    found, reference = row.changes[side], row.summaries[0]
    if found is None or reference is None or found.low is None or found.high is None:
        return ""
    shares = (found.relative_to(reference.mean, bound) for bound in (found.low, found.high))
    told = map(_told, (row.measure,) * 2, (found.low, found.high), shares)
    return f"[{', '.join(one.removesuffix('%') for one in told)}]"


def _told(measure: Measure, difference: float, relative: float | None) -> str:
    if relative is not None:
        return _factor(1 + relative) if measure.kind == "flow" else percent(relative)
    sign = "-" if difference < 0 else "+" if difference > 0 else ""
    return sign + value(measure, abs(difference))


def _factor(ratio: float) -> str:
    """`1.3x`, `0.88x`, `4.6e-4x`: digits however small it is."""
    return numbers.ratio(ratio) if ratio >= _SMALL_FACTOR else f"{digits(ratio, 2)}x"


def _style(measure: Measure, found: Change) -> str:
    if found.verdict in (Verdict.BETTER, Verdict.WORSE):
        return "good" if found.verdict is Verdict.BETTER else "bad"
    is_told = found.verdict is Verdict.SINGLE and (found.noises or 0.0) >= ERRORS
    if not is_told or measure.better is Better.NEITHER:
        return ""
    return "good" if (found.difference < 0) == (measure.better is Better.LOWER) else "bad"


def verdict(row: Row, side: int) -> Cell:
    """What is said of the change: `better`, `~`, `too few`, `n=1`."""
    found, reference, other = row.changes[side], row.summaries[0], row.summaries[side]
    if found is None or reference is None or other is None:
        return EMPTY
    if found.verdict is Verdict.SINGLE:
        is_pair = reference.n == other.n == 1
        count = "n=1" if is_pair else f"n={reference.n}+{other.n}"
        return count, _style(row.measure, found)
    words = {Verdict.NONE: "~", Verdict.TOO_FEW: "too few", Verdict.UNTESTED: ""}
    return words.get(found.verdict, found.verdict.value), _style(row.measure, found)


def noise(found: Change | None) -> str:
    """How many times seed noise the change of single runs is: `3.1 x`, `within`; '' if unknown."""
    if found is None or found.noises is None or found.verdict is not Verdict.SINGLE:
        return ""
    return "within" if found.noises < ERRORS else f"{digits(found.noises, 2)} x"


def counts(row: Row, side: int) -> str:
    """How many runs a test or an interval rests on: `5+5`, `5 pairs`; '' for one run."""
    found, reference, other = row.changes[side], row.summaries[0], row.summaries[side]
    is_told = found is not None and (found.low is not None or found.p is not None)
    if found is None or reference is None or other is None or not is_told:
        return ""
    return f"{other.n} pairs" if found.is_paired else f"{reference.n}+{other.n}"


def p_value(p: float | None) -> str:
    """`0.016`, `2e-5`; '' for none."""
    if p is None:
        return ""
    return numbers.number(float(f"{p:.2g}" if p < _LEAST_P else f"{p:.3f}"))


def estimate(found: Interval) -> str:
    """`0.912 [0.89, 0.93]`."""
    return "{} [{}, {}]".format(*map(digits, (found.estimate, found.low, found.high)))


def digits(number: float, count: int = 3) -> str:
    """A number to so many digits, for estimates that have no more."""
    return numbers.number(float(f"{number:.{count}g}"))


def texts(found: Sequence[str]) -> str:
    """The texts of a side: `0`, `0, 1`, `0, 1, ... (5)`; `-` for an absent one."""
    once = [one or ABSENT for one in dict.fromkeys(found)]
    if len(once) <= _MOST_TEXTS:
        return ", ".join(once) or ABSENT
    return f"{', '.join(once[: _MOST_TEXTS - 1])}, ... ({len(once)})"


def excerpts(told: Sequence[str], room: int) -> list[str]:
    """The texts, or where one is longer than `room` a piece of each around the first difference."""
    if max(map(len, told), default=0) <= room:
        return [*told]
    known = [one for one in told if one != ABSENT]
    pairs = zip(min(known), max(known), strict=False)
    alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    start = alike - _BEFORE if alike >= room // 2 and len(known) > 1 else 0
    return [one if one == ABSENT else _piece(one, start, room) for one in told]


def _piece(text: str, start: int, room: int) -> str:
    head, rest = ("...", room - 3) if start > 0 else ("", room)
    tail = text[max(start, 0) :]
    return head + (tail if len(tail) <= rest else f"{tail[: rest - 3]}...")


def short(name: str, room: int = _NAME_ROOM) -> str:
    """The name, its middle left out where it is long: the end of a path says most."""
    if len(name) <= room:
        return name
    head = room // 3
    return f"{name[:head]}...{name[len(name) - (room - head - 3) :]}"


def names(sides: Sequence[Side]) -> list[str]:
    """What the sides are called in tables: short, but never two of them alike."""
    labels = [side.label for side in sides]
    for shortened in ([short(label) for label in labels], excerpts(labels, _NAME_ROOM)):
        if len({*shortened}) == len({*labels}):
            return shortened
    return labels


def side_columns(sides: Sequence[Side], least: int) -> list[Column]:
    """A column for each side, which may be cut to so many letters as long as no names are alike."""
    told = names(sides)
    longest = max(least, *map(len, told))
    widths = range(least, longest)
    least = next((w for w in widths if len({one[: w - 1] for one in told}) == len(told)), longest)
    return [Column(name, least=least) for name in told]
