"""The table of all runs: what was found, the best metric, its course, and what varies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.comparison.facts import compared_facts
from logparse.comparison.model import Entrant, Side
from logparse.keys import BATCH_KEYS, NAME_KEYS, OPTIMIZER_KEYS, PEAK_KEYS, SEED_KEYS
from logparse.pages.content import Cell, Grid, Heading
from logparse.pages.entries import MOST_ROWS, counts, thinned, worst_first
from logparse.pages.figures import sparkline
from logparse.renderers.diagnosis import why_unjudged
from logparse.renderers.numbers import as_printed
from logparse.signals import Signals

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from logparse.comparison.facts import Fact
    from logparse.pages.entries import Entry
    from logparse.signals.series import Series

_MOST_VARYING = 5
_TELLING = {*PEAK_KEYS, *NAME_KEYS, *OPTIMIZER_KEYS, *BATCH_KEYS}
"""Settings that people look for first."""
_LONGEST = 24


def overall(entries: Sequence[Entry]) -> Grid | None:
    """One row a run, in the order of the report; None where there is but one."""
    if len(entries) < 2:
        return None
    kept = set(map(id, worst_first(entries)[:MOST_ROWS]))
    shown = [one for one in entries if id(one) in kept]
    series = [_main(one) for one in shown]
    metrics = {one.column for one in series if one is not None}
    common = _words(metrics.pop()) if len(metrics) == 1 else ""
    varying = _varying(shown)
    columns = (
        Heading("run"),
        Heading("found"),
        Heading("epochs", is_number=True),
        Heading(f"best {common}".rstrip(), is_number=True),
        Heading("at", is_number=True),
        Heading("course", is_sortable=False),
        *(Heading(fact.key[:_LONGEST]) for fact in varying[:_MOST_VARYING]),
    )
    rows = tuple(
        (*_row(entry, main, bool(common)), *_settings(varying, at))
        for at, (entry, main) in enumerate(zip(shown, series, strict=True))
    )
    notes = [*thinned(entries), *_untold(varying)]
    return Grid(
        caption=f"All {len(entries)} runs" if len(shown) == len(entries) else "The worst runs",
        columns=columns,
        rows=rows,
        notes=tuple((note, "dim") for note in notes),
        is_sortable=True,
    )


def _row(entry: Entry, main: Series | None, is_common: bool) -> Iterator[Cell]:
    run = entry.run
    found = counts(entry.judged.findings)
    badness = sum(one.number * 10.0 ** (3 * (one.severity.rank - 1)) for one in found)
    silent = "not judged" if why_unjudged(entry.judged) else "none"
    yield Cell(text=entry.label, target=entry.id)
    yield Cell(text="" if found else silent, style="dim", counts=found, sort=badness)
    yield Cell(text=str(len(run.epochs)), sort=float(len(run.epochs)))
    if main is None:
        yield from (Cell(text=""), Cell(text=""), Cell(text=""))
        return
    best = main.best
    value = as_printed(best.value, main.resolution)
    yield Cell(text=value if is_common else f"{_words(main.column)} {value}", sort=best.value)
    yield Cell(text=run.label(best.epoch), sort=float(best.epoch))
    told = f"{_words(main.column)} of {entry.label}, best {value} at {run.label(best.epoch)}"
    yield Cell(text="", curve=sparkline(run.epochs[main.column].tolist(), told))


def _settings(varying: Sequence[Fact], at: int) -> Iterator[Cell]:
    for fact in varying[:_MOST_VARYING]:
        text = fact.texts[at][0]
        yield Cell(text=f"{text[:_LONGEST]}…" if len(text) > _LONGEST else text, sort=_number(text))


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None


def _main(entry: Entry) -> Series | None:
    """The metric that speaks for the run; None where it has no finite value."""
    signals = Signals(entry.run)
    column = signals.main_metric or signals.train_metric
    found = signals.series(column) if column else None
    return found if found is not None and len(found) else None


def _varying(entries: Sequence[Entry]) -> list[Fact]:
    """The settings of which runs have different values, the telling ones first, seeds last."""
    sides = [Side(one.label, (Entrant(one.label, one.judged),)) for one in entries]
    differing = compared_facts(sides).differing
    found = [
        fact
        for fact in differing
        if fact.block == "hyperparameters" and len({*fact.texts} - {("",)}) > 1
    ]
    return sorted(found, key=lambda fact: _rank(fact.key.upper()))


def _rank(key: str) -> int:
    return 2 if key in SEED_KEYS else int(key not in _TELLING)


def _untold(varying: Sequence[Fact]) -> Iterator[str]:
    rest = [fact.key for fact in varying[_MOST_VARYING:]]
    if rest:
        yield f"and {len(rest)} more settings that vary: {', '.join(rest[:12])}" + (
            ", …" if len(rest) > 12 else ""
        )


def _words(column: str) -> str:
    return column.replace("_", " ")
