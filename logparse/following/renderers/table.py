"""Several logs at once: one aligned row each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from logparse.findings import epoch_label, plural
from logparse.following.renderers.facts import eta
from logparse.following.renderers.fitting import Rank, Ranked
from logparse.following.renderers.kept import Kept
from logparse.renderers.curves import Row, row
from logparse.renderers.layout import Page, pad
from logparse.renderers.spans import Line, Span, line_cells
from logparse.renderers.sparkline import sparkline

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from logparse.following.state import LogState

_GAP = 2
_LONGEST_NAME = 32
_LONGEST_STANDING = 32
_SHORTEST_CURVE, _LONGEST_CURVE = 6, 32
_VALUE = len("0.001234")
_NONE: Span = ("", "")

_ROWS = Kept[Row | None]()
_DRAWN = Kept[str]()


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the table: `least` is its width while all its cells are narrower.

    Where the page is too narrow, columns of a higher `rank` are left out first.
    """

    header: str
    cells: Sequence[Span]
    rank: int
    least: int = 0
    is_right: bool = False

    @property
    def width(self) -> int:
        return max(self.least, *(line_cells((cell,)) for cell in ((self.header, ""), *self.cells)))


def table(
    states: Sequence[LogState], names: Mapping[str, str], page: Page, most: int | None
) -> Iterator[Ranked]:
    """A row for each log, at most so many: those with the worst findings are kept."""
    if not states:
        yield Ranked(Rank.COURSE, (("no log yet", "dim"),))
        return
    by_worst = sorted(range(len(states)), key=lambda at: (-_worst(states[at]), at))
    kept = sorted(by_worst if most is None else by_worst[:most])
    shown = [states[at] for at in kept]
    columns = _fitting(_columns(shown, names, page), page.width)
    header = _joined(columns, [(column.header, "dim") for column in columns])
    yield Ranked(Rank.HEADER, header)
    for order, state in enumerate(shown):
        line = _joined(columns, [column.cells[order] for column in columns])
        line = (*line, *_curve(state, page.width - line_cells(line), page))
        yield Ranked(Rank.ROW, line, by_worst.index(kept[order]))
    if rest := len(states) - len(shown):
        yield Ranked(Rank.ROW, ((f"{plural(rest, 'more log')}, none of them worse", "dim"),))


def _worst(state: LogState) -> int:
    worst = max((found.severity.rank for found in state.findings), default=0)
    return max(worst, 3 if state.is_stalled else 0)


def _columns(states: Sequence[LogState], names: Mapping[str, str], page: Page) -> Iterator[_Column]:
    mains = [_main(state) for state in states]
    longest = min(_LONGEST_NAME, page.width // 4)
    yield _Column("log", [(page.clip(names[s.source], longest), "title") for s in states], 0)
    is_by_steps = any(state.progress.place for state in states)
    yield _Column(
        "at" if is_by_steps else "epoch",
        [(_epochs(state), "") for state in states],
        1,
        is_right=True,
    )
    yield _Column("metric", [page.span(main.label) if main else _NONE for main in mains], 4)
    newest = [(main.last, "metric") if main else _NONE for main in mains]
    yield _Column("now", newest, 4, _VALUE, is_right=True)
    best = [(" ".join(main.mark[1:]).strip(), "") if main else _NONE for main in mains]
    yield _Column("best", best, 5, _VALUE + len(" E00"), is_right=True)
    yield _Column("ETA", [_left(state) for state in states], 3, len("stalled"), is_right=True)
    yield _Column("standing", [_standing(state, page) for state in states], 2)


def _fitting(columns: Iterable[_Column], width: int) -> list[_Column]:
    """The columns that fit, the most important ones first; the first of them always."""
    given, left, chosen = list(columns), width + _GAP, set[int]()
    for at in sorted(range(len(given)), key=lambda at: given[at].rank):
        left -= given[at].width + _GAP
        if left < 0:
            break
        chosen.add(at)
    return [given[at] for at in sorted(chosen | {0})]


def _joined(columns: Sequence[_Column], cells: Sequence[Span]) -> Line:
    padded = (
        pad(cell, column.width, right=column.is_right)
        for column, cell in zip(columns, cells, strict=True)
    )
    return tuple(part for cell in padded for part in (cell, (" " * _GAP, "")))[:-1]


def _curve(state: LogState, room: int, page: Page) -> Line:
    """The main metric's curve in the room that the columns leave."""
    run, main, width = state.run, _main(state), min(room - _GAP, _LONGEST_CURVE)
    if run is None or main is None or width < _SHORTEST_CURVE:
        return ()

    def draw() -> str:
        return sparkline(main.values, width, ascii_only=page.ascii_only)

    return ((" " * _GAP, ""), (_DRAWN.get(run, (main.label, width, page), draw), "metric"))


def _main(state: LogState) -> Row | None:
    run, column = state.run, state.progress.main_metric
    if run is None or column is None:
        return None
    return _ROWS.get(run, column, lambda: row(run, column))


def _epochs(state: LogState) -> str:
    progress = state.progress
    if progress.epoch is None or progress.place:
        return progress.place.replace(" of ", "/")
    place = epoch_label(progress.epoch)
    return place + (f"/{progress.planned}" if progress.planned else "")


def _left(state: LogState) -> Span:
    return ("stalled", "error") if state.is_stalled else (eta(state.progress), "")


def _standing(state: LogState, page: Page) -> Span:
    """The worst finding and the number of others, or why there is nothing to tell."""
    if state.waiting:
        return (page.clip(state.waiting, min(_LONGEST_STANDING, page.width // 3)), "warning")
    if not state.findings:
        is_judged = state.run is not None and len(state.run.epochs) > 0
        return ("none" if is_judged else "", "dim")
    worst, others = state.findings[0], len(state.findings) - 1
    text = f"{worst.severity.value} {worst.code}" + (f" +{others}" if others else "")
    return page.span(worst.code if page.is_narrow else text, worst.severity.value)
