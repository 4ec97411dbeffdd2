"""`logdiag compare`: runs, or groups of runs, against each other."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from logdiag.console import Console, complain, output
from logdiag.progress import progress_bar
from logdiag.settings import (
    BetterWay,
    ConfigFile,
    ExtendSelect,
    FormatIn,
    Ignore,
    Isolated,
    MapName,
    Out,
    Select,
    StdinName,
    configuration,
    reading,
    selection,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from logparse.comparison import Comparison

Format = Literal["text", "json", "csv", "markdown"]
Table = Literal["metrics", "runs", "settings", "findings"]
_HELD, _REGRESSED, _FAILED = 0, 1, 2


def run(
    runs: Annotated[
        list[str], typer.Argument(metavar="RUN...", help="Logs, directories, globs, or -.")
    ],
    baseline: Annotated[
        str | None, typer.Option(metavar="RUN", help="What to compare with.  [default: the first]")
    ] = None,
    by: Annotated[
        str | None, typer.Option(metavar="MEASURE", help="Rank the runs, as by best_val_rmse.")
    ] = None,
    metric: Annotated[
        list[str] | None,
        typer.Option(metavar="M,..", help="Compare these; the first is the main one."),
    ] = None,
    align: Annotated[
        Literal["epoch", "step", "time", "samples"],
        typer.Option(help="What is equal where values before the end are compared."),
    ] = "epoch",
    target: Annotated[
        str | None,
        typer.Option(metavar="M=V", help="How long runs take to reach it, as val_rmse=0.04."),
    ] = None,
    seed_noise: Annotated[
        list[str] | None,
        typer.Option(metavar="[M=]V", help="SD between seeds, where known: 2%, val_mae=0.001."),
    ] = None,
    fail_if: Annotated[
        list[str] | None,
        typer.Option(metavar="M:V", help="Exit code 1 if it gets worse by more: val_rmse:5%."),
    ] = None,
    task: Annotated[
        str | None, typer.Option(metavar="KEY", help="The setting that names a run's task.")
    ] = None,
    top: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Show so many places of a ranking.")
    ] = None,
    select: Select = None,
    ignore: Ignore = None,
    extend_select: ExtendSelect = None,
    format: Annotated[Format, typer.Option(help="Form of the comparison.")] = "text",
    table: Annotated[Table | None, typer.Option(help="What to write as CSV.")] = None,
    out: Out = None,
    stdin_name: StdinName = "<stdin>",
    format_in: FormatIn = None,
    map: MapName = None,
    better: BetterWay = None,
    config: ConfigFile = None,
    isolated: Isolated = False,
) -> None:
    """Compare training runs, or groups of runs, with the first of them.

    run.log is the last run of a file, run.log#2 its second, run.log#all each of them; run.log@30
    is a run up to epoch 30. base='runs/base-*.log' is a group under that label: its runs are
    taken for repeats of one configuration. Without a label every run stands for itself.

    Exit codes: 0 compared, 1 worse than --fail-if allows, 2 something could not be read or judged.
    """
    from logparse.api import compare
    from logparse.errors import ComparisonError

    if table is not None and format != "csv":
        raise typer.BadParameter("--table is for --format csv.")
    flags = selection(select, extend_select, ignore)
    try:
        with progress_bar("reading") as told:
            comparison = compare(
                *runs,
                baseline=baseline,
                by=by,
                metrics=metric or (),
                align=align,
                target=target,
                seed_noise=seed_noise or (),
                fail_if=fail_if or (),
                task=task,
                select=flags.select,
                ignore=flags.ignore,
                extend_select=flags.extend,
                configuration=configuration(config, isolated),
                stdin_name=stdin_name,
                **reading(format_in, map, better),
                processes=os.cpu_count() or 1,
                progress=told,
            )
    except ComparisonError as error:
        for line in error.because:
            complain(line)
        raise
    for failure in comparison.errors:
        complain(str(failure))
    asked = runs if baseline is None else [*runs, baseline]
    with output(out, sources=_sources(comparison, asked)) as console:
        _write(comparison, console, format, table, top)
    raise typer.Exit(exit_code(comparison))


def exit_code(comparison: Comparison) -> int:
    """2 where something could not be read or judged, else 1 for a regression, else 0."""
    from logparse.comparison.regressions import Outcome

    outcomes = {one.outcome for one in comparison.regressions}
    if comparison.errors or Outcome.REFUSED in outcomes:
        return _FAILED
    return _REGRESSED if Outcome.REGRESSED in outcomes else _HELD


def _sources(comparison: Comparison, arguments: Sequence[str]) -> Iterator[str]:
    """All files that were read or asked for."""
    from logparse.gathering.wanted import wanted

    yield from (wanted(text).path for text in arguments)
    yield from (failure.source for failure in comparison.errors)
    yield from (
        name for side in comparison.sides for one in side.entrants for name in one.run.files
    )


def _with_few_places(comparison: Comparison, top: int | None) -> Comparison:
    """The comparison with so many places of its ranking, and a remark if it had more."""
    ranking = comparison.ranking
    if ranking is None or top is None or top >= len(ranking.places):
        return comparison
    told = f"the ranking shows {top} of {len(ranking.places)} places"
    short = replace(ranking, places=ranking.places[:top])
    return replace(comparison, ranking=short, remarks=(*comparison.remarks, told))


def _write(
    comparison: Comparison, console: Console, format: Format, table: Table | None, top: int | None
) -> None:
    """The comparison in its form; a table or data that programs read is never shortened."""
    from logparse.renderers.comparison import as_csv, as_json, markdown, text

    page, short = console.page, _with_few_places(comparison, top)
    if format == "text":
        console.write(text.lines(short, page, show_errors=False))
    elif format == "csv":
        as_csv.write(comparison, console.stream, table=table)
    elif format == "json":
        console.stream.write(as_json.render(comparison))
    else:
        console.stream.write(markdown.render(short, ascii_only=page.ascii_only))
