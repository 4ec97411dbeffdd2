"""`logdiag plot`: pictures of runs, with the findings where they happened."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path  # noqa: TC003  Typer reads annotations when it runs
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer
from typer import Option as Flag

from logdiag.console import complain, output
from logdiag.judged import Judges, absent, run_choice
from logdiag.pictures import Named, called, format_of, in_terminal, place, shown, written
from logdiag.progress import progress_bar
from logdiag.settings import (
    BetterWay,
    ConfigFile,
    ExtendSelect,
    FormatIn,
    Ignore,
    Isolated,
    MapName,
    RunNumber,
    Select,
    StdinName,
    configuration,
    reading,
    selection,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from logparse.findings import SourceFailure
    from logparse.plots.content import Picture
    from logparse.plots.subject import Scale, Wanted
    from logparse.renderers.selection import RunChoice

Axis: TypeAlias = Literal["epoch", "step", "time", "samples"]
_DRAWN, _FAILED = 0, 2


def run(
    paths: Annotated[
        list[str],
        typer.Argument(metavar="PATH...", help="Logs, directories, globs, or - for input."),
    ],
    loss: Annotated[bool, Flag("--loss", help="Metrics, best epoch, baselines.")] = False,
    lr: Annotated[bool, Flag("--lr", help="Learning rate and its phases.")] = False,
    grad_norms: Annotated[
        bool, Flag("--grad-norms", help="Gradient norm: total, modules, parameters.")
    ] = False,
    update_ratios: Annotated[
        bool, Flag("--update-ratios", help="Updates as a share of the weights.")
    ] = False,
    layers: Annotated[
        bool, Flag("--layers", help="Gradient and update of every parameter, as a heatmap.")
    ] = False,
    throughput: Annotated[bool, Flag("--throughput", help="Samples per second, time.")] = False,
    memory: Annotated[bool, Flag("--memory", help="Memory of the device.")] = False,
    features: Annotated[bool, Flag("--features", help="Scores of the input features.")] = False,
    attention: Annotated[
        bool, Flag("--attention", help="Attention maps and log-probabilities (metrics JSON).")
    ] = False,
    compare: Annotated[
        bool, Flag("--compare", help="All runs in one picture; groups as in logdiag compare.")
    ] = False,
    align: Annotated[Axis, Flag(help="The axis of --compare.")] = "epoch",
    metric: Annotated[
        list[str] | None, Flag(metavar="M,..", help="Metrics to draw, as val_mae.")
    ] = None,
    last: Annotated[int | None, Flag(metavar="N", min=1, help="Only the last N epochs.")] = None,
    log: Annotated[
        bool | None, Flag("--log/--linear", help="Scale of values.  [default: as they ask for]")
    ] = None,
    run: RunNumber = "-1",
    out: Annotated[
        Path | None,
        Flag("-o", "--output", metavar="FILE", help="A .png, .svg or .pdf, or a folder."),
    ] = None,
    terminal: Annotated[
        bool, Flag("--terminal", help="Draw in the terminal; no file without -o or --show.")
    ] = False,
    show: Annotated[bool, Flag("--show", help="Open the picture on the desktop.")] = False,
    width: Annotated[
        int | None,
        Flag(metavar="N", min=24, max=10_000, help="Pixels; columns in the terminal."),
    ] = None,
    dark: Annotated[bool, Flag("--dark", help="On a dark ground.")] = False,
    select: Select = None,
    ignore: Ignore = None,
    extend_select: ExtendSelect = None,
    stdin_name: StdinName = "<stdin>",
    format_in: FormatIn = None,
    map: MapName = None,
    better: BetterWay = None,
    config: ConfigFile = None,
    isolated: Isolated = False,
) -> None:
    """Draw training runs, with findings where they happened; without a view, an overview.

    Several views of a run share one axis of epochs. Without -o a picture goes beside its log, and
    its name to standard output.

    Exit codes: 0 drawn, 2 something could not be read or drawn.
    """
    from logparse.plots.subject import Wanted

    format_of(out)  # a name that is no picture's is told before logs are read
    asked = {
        "loss": loss, "lr": lr, "grad-norms": grad_norms, "update-ratios": update_ratios,
        "layers": layers, "throughput": throughput, "memory": memory, "features": features,
        "attention": attention,
    }  # fmt: skip
    views = [view for view, is_asked in asked.items() if is_asked]
    scale: Scale = "auto" if log is None else "log" if log else "linear"
    metrics = tuple(name.strip() for one in metric or () for name in one.split(",") if name.strip())
    wanted = Wanted(scale=scale, metrics=metrics, last=last)
    judges = Judges(
        selection(select, extend_select, ignore),
        configuration(config, isolated),
        stdin_name,
        reading(format_in, map, better),
    )
    if compare:
        drawn = _overlaid(paths, views, wanted, align, judges)
    else:
        drawn = _each(paths, views, wanted, run_choice(run), judges)
    for failure in drawn.failures:
        complain(str(failure))
    files: list[Path] = []
    if terminal:
        in_terminal([one.picture for one in drawn.pictures], width)
    if drawn.pictures and (out is not None or show or not terminal):
        pixels = None if terminal else width
        files = written(drawn.pictures, out, width=pixels, is_dark=dark, sources=drawn.sources)
    if out is None and files:
        with output() as console:
            console.write((console.page.span(str(path)),) for path in files)
    is_shown = shown(files) if show else True
    raise typer.Exit(_DRAWN if is_shown and not drawn.failures else _FAILED)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Pictures that show something, what was read for them, and what could not be drawn."""

    pictures: list[Named]
    sources: list[str]
    failures: list[SourceFailure]


def _each(
    paths: Sequence[str], views: Sequence[str], wanted: Wanted, choice: RunChoice, judges: Judges
) -> _Drawn:
    """A picture for each run."""
    from logparse.plots import picture
    from logparse.renderers.selection import spoken_of

    report = judges.report(paths)
    for remark in report.remarks:
        complain(remark)
    what = called(views, "overview")
    drawn = [
        Named(picture(one, *views, wanted=wanted), place(one.run, what))
        for one in spoken_of(report, choice)
    ]
    return _Drawn(
        [one for one in drawn if not one.picture.is_blank],
        [*paths, *(name for one in report.runs for name in one.run.files)],
        [
            *report.errors,
            *absent(report, choice),
            *_blanks(one.picture for one in drawn),
        ],
    )


def _overlaid(
    paths: Sequence[str], views: Sequence[str], wanted: Wanted, align: Axis, judges: Judges
) -> _Drawn:
    """One picture of all runs."""
    from logparse.api import compare
    from logparse.plots import overlay

    with progress_bar("reading") as told:
        compared = compare(
            *paths,
            align=align,
            processes=os.cpu_count() or 1,
            progress=told,
            **judges.options,
        )
    runs = [one.run for side in compared.sides for one in side.entrants]
    drawn = overlay(compared, *views, wanted=wanted)
    named = Named(drawn, place(runs[0], f"compare-{called(views, 'overview')}"))
    return _Drawn(
        [] if drawn.is_blank else [named],
        [*paths, *(name for run in runs for name in run.files)],
        [*compared.errors, *_blanks([drawn])],
    )


def _blanks(pictures: Iterable[Picture]) -> Iterator[SourceFailure]:
    """Of the pictures that show nothing, why they do not."""
    from logparse.findings import SourceFailure
    from logparse.plots.content import Blank

    for picture in pictures:
        if picture.is_blank:
            whys = (
                f"{one.title}: {one.reason}" for one in picture.panels if isinstance(one, Blank)
            )
            yield SourceFailure(picture.title, f"nothing to draw: {'; '.join(whys)}")
