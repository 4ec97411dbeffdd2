"""`logdiag export`: the numbers of a run as a table for other programs."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  Typer reads annotations when it runs
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from logdiag.console import complain, output
from logdiag.settings import (
    BetterWay,
    ConfigFile,
    FormatIn,
    Isolated,
    MapName,
    configuration,
    reading,
)
from logparse.renderers.tabular import columns_and_rows, write_csv, write_jsonl

if TYPE_CHECKING:
    from logparse.renderers.tabular import Rows
    from logparse.run import Run

Table = Literal["epochs", "parameters", "features", "tidy", "settings"]


def run(
    path: Annotated[
        str, typer.Argument(metavar="PATH", help="A log, a folder of one, or - for standard input.")
    ],
    table: Annotated[Table, typer.Option(help="What to write.")] = "epochs",
    to: Annotated[Literal["csv", "jsonl"], typer.Option(help="Form of the table.")] = "csv",
    out: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write to a file.")
    ] = None,
    run: Annotated[
        int, typer.Option(metavar="N", help="Which run of the file; -1 is the last.")
    ] = -1,
    format_in: FormatIn = None,
    map: MapName = None,
    better: BetterWay = None,
    config: ConfigFile = None,
    isolated: Isolated = False,
) -> None:
    """Write the numbers of a run as CSV or JSON lines.

    A folder is one run where its files are; validation is added to training that it lies beside.

    A value that the log does not have is empty in CSV and null in JSON.
    """
    from logparse.intake import bench
    from logparse.lots import run_at

    judges = bench((), (), (), configuration(config, isolated), path,
                   **reading(format_in, map, better))  # fmt: skip
    wanted, remarks = run_at(path, run, judges.told)
    columns, rows = _table(wanted, table)
    for remark in remarks:
        complain(remark)
    with output(out, sources=[path, *wanted.files]) as console:
        write = write_csv if to == "csv" else write_jsonl
        write(console.stream, columns, rows)


def _table(run: Run, table: Table) -> tuple[list[str], Rows]:
    if table == "settings":
        return ["key", "value", "raw", "line"], _settings(run)
    if table == "tidy":
        return columns_and_rows(run.tidy())
    return columns_and_rows(getattr(run, table))


def _settings(run: Run) -> Rows:
    for key, value in run.settings.items():
        yield key, value, run.settings.raw.get(key), run.settings.lines.get(key)
