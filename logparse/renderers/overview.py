"""What was read: the facts of a run and of its file, before anything is judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.axis import count_rows, declared_length, is_by_epochs, span
from logparse.findings import RunReport, Severity, plural
from logparse.metrics import MAIN_METRICS, without_direction
from logparse.renderers.curves import best, points
from logparse.renderers.layout import Page, pad
from logparse.renderers.numbers import as_printed, duration, ranges
from logparse.renderers.spans import Line, Span, line_cells

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from logparse.records import Unparsed
    from logparse.run import Run, Truncation

_SPEAKING = ("val_rmse", "val_loss")


def heading(run: Run, page: Page) -> Iterator[Line]:
    """Source, format and which run of how many; then epochs, start, duration and ending."""
    read = [f"{run.format} {run.dialect}".strip()]
    read += [f"run {run.index} of {run.count}"] if run.count > 1 else []
    title = (page.span(run.source, "title"), ("  ", ""))
    yield from page.flow([(page.span(fact),) for fact in read], first=title, hang=2)
    yield from page.flow([(page.span(*fact),) for fact in facts(run)], hang=2)


def facts(run: Run) -> Iterator[Span]:
    """What is known of the run's course: epochs, start, duration, ending; not yet safe to show."""
    yield epochs_run(run), ""
    if run.started is not None:
        yield f"{run.started:%Y-%m-%d %H:%M}Z", ""
    elapsed = [value for _, value in points(run, "elapsed_s")]
    if elapsed:
        yield duration(sum(elapsed)), ""
    if run.truncation is not None:
        yield _cut_off(run, run.truncation), "warning"
    elif run.last_epoch is not None and run.planned_epochs is not None:
        yield ("finished" if run.last_epoch >= run.planned_epochs else "unfinished"), ""


def _cut_off(run: Run, truncation: Truncation) -> str:
    where = "" if truncation.epoch is None else f" in {run.label(truncation.epoch)}"
    return f"cut off{where}, line {truncation.line}"


def epochs_run(run: Run) -> str:
    """Which epochs the log holds, of how many planned: `E01-E70, 70 of 70 epochs`.

    Of a log by steps which steps: `steps 100-2,200 of 2,310, 22 points`; of very many points, in
    how many rows they are judged.
    """
    if run.first_epoch is None or run.last_epoch is None:
        return "no epochs"
    count = len(run.epochs)
    where, total = span(run, run.first_epoch, run.last_epoch), count_rows(run, count)
    planned, logged = run.planned_epochs, 0 if run.points is None else len(run.points)
    if not is_by_epochs(run) and logged >= 2 * count:
        total = f"{logged:,} points in {count:,} rows"
    if planned is not None and not is_by_epochs(run):
        where += f" of {declared_length(run):,.10g}"
    elif planned is not None:
        is_more = count > planned
        total = (
            f"{total}, {planned} planned" if is_more else f"{count} of {count_rows(run, planned)}"
        )
    return f"{where}, {total}"


def coverage(run: Run, page: Page, *, is_listed: bool) -> Iterator[Line]:
    """How every line of the log was understood; a hint at what was not."""
    covered = run.coverage
    items = [
        (page.span(f"{plural(covered.lines, 'line')}: {covered.parsed} parsed", "dim"),),
        (page.span(f"{covered.legend} legend", "dim"),),
        (page.span(f"{covered.blank} blank", "dim"),),
    ]
    if covered.unparsed:
        where = f"{covered.unparsed} unparsed: {ranges(covered.unparsed_ranges)}"
        items.append((page.span(where, "warning"),))
    else:
        items.append((page.span("none unparsed", "dim"),))
    if unknown := without_direction(filter(run.has, map(str, run.epochs)), run.better):
        more = f" and {len(unknown) - 1} more" if len(unknown) > 1 else ""
        why = f"direction of {unknown[0]}{more} unknown: --better {unknown[0]}=higher"
        items.append((page.span(why, "dim"),))
    if covered.unparsed and not is_listed:
        items.append((page.span("--show-unparsed lists them", "dim"),))
    yield from page.flow(items, hang=2)


def unparsed(records: Sequence[Unparsed], count: int, page: Page) -> Iterator[Line]:
    """The lines that no grammar accepts, each with the place where it broke, and what is left.

    `count` is how many there are; the text is kept of the first ones only.
    """
    digits = len(str(max((record.line for record in records), default=0)))
    for record in records:
        number = page.span(f"  {record.line:>{digits}}  ", "dim")
        yield (number, (page.clip(record.text, page.width - digits - 4), ""))
        if record.column is not None:
            why = f"breaks at column {record.column}"
            expected = f", expected {record.expected}" if record.expected else ""
            yield ((" " * (digits + 4), ""), _dim(page, why + expected, digits + 4))
    if count > len(records):
        rest = f"and {plural(count - len(records), 'line')} more, of which only the number is kept"
        yield (("  ", ""), _dim(page, rest, 2))


def _dim(page: Page, text: str, indent: int) -> Span:
    return (page.clip(text, page.width - indent), "dim")


def others(runs: Sequence[RunReport], page: Page) -> Iterator[Line]:
    """Runs that are not shown in full, one aligned line each."""
    rows = [_row(judged, page) for judged in runs]
    widths = [max(line_cells((row[i],)) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        items = [(pad(cell, width),) for cell, width in zip(row[1:], widths[1:], strict=True)]
        number = (("  ", ""), pad(row[0], widths[0], right=True), ("  ", ""))
        joined = (*number, *(span for item in items for span in (*item, ("  ", ""))))
        fits = line_cells(joined) - 2 <= page.width
        yield from (
            (joined,)
            if fits
            else page.flow(
                [(cell,) for cell in row[1:] if cell[0]], first=number, hang=line_cells(number)
            )
        )


def _row(judged: RunReport, page: Page) -> list[Span]:
    run = judged.run
    where = "no epochs"
    if run.first_epoch is not None and run.last_epoch is not None:
        where = span(run, run.first_epoch, run.last_epoch)
    return [
        page.span(str(run.index), "metric"),
        page.span(f"{run.started:%Y-%m-%d %H:%M}Z" if run.started else "", "dim"),
        page.span(where),
        page.span(best_of(run)),
        count_findings(judged, page),
    ]


def best_of(run: Run) -> str:
    """Name, best value and epoch of the metric that speaks for the run; '' where none can."""
    for column in dict.fromkeys((*_SPEAKING, *MAIN_METRICS)):
        found = best(run, column)
        if found is not None:
            value = as_printed(found[1], run.resolution.get(column))
            return f"{column.replace('_', ' ')} {value} {run.label(found[0])}"
    return ""


def count_findings(judged: RunReport, page: Page) -> Span:
    """`2 errors, 1 note` in the style of the worst, or that no symptom was found."""
    counts = [
        (severity, sum(finding.severity is severity for finding in judged.findings))
        for severity in (Severity.ERROR, Severity.WARNING, Severity.NOTE)
    ]
    present = [(severity, count) for severity, count in counts if count]
    if not present:
        return page.span(f"no {'new ' if judged.known else ''}symptom found", "dim")
    text = ", ".join(plural(count, severity.value) for severity, count in present)
    return page.span(text, present[0][0].value)
