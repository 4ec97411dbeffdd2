"""What judging costs: whole logs against a limit, growth with the epochs, and rule by rule."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import linear_regression

import logparse
from benchmarks.figures import table
from benchmarks.logs import f2_log
from benchmarks.measuring import Row, in_turns
from logparse.judging import judge, missing_need
from logparse.rules import NotApplicable, Rule, TooShort, all_rules
from logparse.run import Run
from logparse.signals import Signals

ORDINARY, LONG = 70, 5_000
LIMITS = {ORDINARY: 0.150, LONG: 2.0}
"""CPU seconds for a log of so many epochs, by the time all rules are there."""
LENGTHS = (1_250, 2_500, 5_000, 10_000)
MAX_GROWTH, MAX_OFF = 2.7, 0.15
"""Cost may grow more slowly than the epochs, where rules look at a sample; never faster."""
SHOWN = 5


def rows(rules: Sequence[Rule]) -> Iterator[Row]:
    """(e) a log into a report, against the limits; (f) how the cost of judging grows."""
    with tempfile.TemporaryDirectory() as folder:
        for epochs, limit in LIMITS.items():
            path = Path(folder) / f"{epochs}.log"
            path.write_bytes(f2_log(epochs))
            judging = partial(judge, logparse.read(path), rules)
            works: dict[str, Callable[[], object]] = {
                "all": partial(logparse.analyze, path),
                "judging": judging,
            }
            spent = in_turns(works, rounds=9)
            yield Row(
                f"(e) a log of {epochs:,} epochs and 40 parameters into a report, imports done, "
                f"{len(rules)} rules",
                f"{_ms(spent['all'])} ms, {_ms(spent['judging'])} of them in the rules",
                f"<= {_ms(limit)} ms",
                spent["all"] <= limit,
            )
        yield growth_row(_judging_by_length(Path(folder), rules))


def growth_row(seconds: Mapping[int, float]) -> Row:
    """How the cost grows over lengths of which each is twice the one before."""
    *_, small, middle, large = seconds
    step = seconds[middle] - seconds[small]
    growth = (seconds[large] - seconds[middle]) / step if step > 0 else math.inf
    start, slope, off = line(seconds)
    shown = ", ".join(f"{epochs:,}: {_ms(spent)} ms" for epochs, spent in seconds.items())
    return Row(
        f"(f) judging, time from {middle:,} to {large:,} epochs / time from {small:,} to "
        f"{middle:,} (linear: 2); how far the best line is off",
        f"{growth:.1f}, {off:.0%} of {_ms(start)} ms + {_ms(1000 * slope)} ms for 1,000 epochs "
        f"({shown})",
        f"<= {MAX_GROWTH}, <= {MAX_OFF:.0%}",
        growth <= MAX_GROWTH and off <= MAX_OFF,
    )


def line(seconds: Mapping[int, float]) -> tuple[float, float, float]:
    """The least-squares line t = a + b n: a, b, and its largest error as a share of the time."""
    sizes, times = list(seconds), list(seconds.values())
    fitted = linear_regression(sizes, times)
    start, slope = fitted.intercept, fitted.slope
    errors = (abs(start + slope * n - t) / t for n, t in zip(sizes, times, strict=True))
    return start, slope, max(errors)


def _judging_by_length(folder: Path, rules: Sequence[Rule]) -> dict[int, float]:
    runs = {}
    for epochs in LENGTHS:
        path = folder / f"{epochs}.log"
        path.write_bytes(f2_log(epochs))
        runs[epochs] = logparse.read(path)
    return in_turns({n: partial(judge, run, rules) for n, run in runs.items()}, rounds=7)


def dearest(run: Run, rules: Sequence[Rule], *, rounds: int = 7) -> dict[str, tuple[float, float]]:
    """The five rules that cost most by themselves: seconds alone, and with all signals at hand."""
    known = Signals(run)
    for rule in rules:
        _ask(rule, run, known)
    alone = in_turns({rule: partial(judge, run, [rule]) for rule in rules}, rounds=rounds)
    own = in_turns({rule: partial(_ask, rule, run, known) for rule in rules}, rounds=rounds)
    first = sorted(alone, key=lambda rule: -alone[rule])[:SHOWN]
    return {f"{rule.code} {rule.name}": (alone[rule], own[rule]) for rule in first}


def _ask(rule: Rule, run: Run, signals: Signals) -> None:
    if any(missing_need(run, need) for need in rule.needs) or len(run.epochs) < rule.min_epochs:
        return
    try:
        list(rule.check(run, signals))
    except (NotApplicable, TooShort):
        return


def listing(rules: Sequence[Rule]) -> str:
    """The most expensive rules at both lengths, as a section of the page."""
    parts = [
        "## The five most expensive rules",
        "Milliseconds by themselves, that is with every signal they ask for, and with the signals "
        "at hand\nthat other rules have asked for too. Rules share signals, so these times do not "
        "add up.",
    ]
    with tempfile.TemporaryDirectory() as folder:
        for epochs in LIMITS:
            path = Path(folder) / f"{epochs}.log"
            path.write_bytes(f2_log(epochs))
            found = dearest(logparse.read(path), rules)
            cells = [[name, _ms(alone), _ms(own)] for name, (alone, own) in found.items()]
            parts.append(table([f"{epochs:,} epochs", "alone", "signals at hand"], cells))
    return "\n\n".join(parts)


def _ms(seconds: float) -> str:
    """Milliseconds in as many digits as they are worth."""
    return f"{1000 * seconds:.0f}" if seconds >= 0.01 else f"{1000 * seconds:.1f}"


def measure() -> tuple[list[Row], str]:
    """The rows for the table, and the section below it."""
    rules = all_rules()
    return list(rows(rules)), listing(rules)
