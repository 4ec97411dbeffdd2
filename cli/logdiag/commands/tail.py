"""`logdiag tail`: follow logs while they grow."""

from __future__ import annotations

from dataclasses import replace
from math import inf, nan
from pathlib import Path  # noqa: TC003  Typer reads annotations when it runs
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer

from logdiag.console import Styling, complain, output
from logdiag.judged import FailOn, Judges, exit_code, unjudged
from logdiag.settings import (
    BetterWay,
    ConfigFile,
    ExtendSelect,
    FormatIn,
    Ignore,
    Isolated,
    MapName,
    Select,
    StdinName,
    configuration,
    reading,
    selection,
)

if TYPE_CHECKING:
    from logdiag.console import Console
    from logdiag.views import View
    from logparse.following.events import Event
    from logparse.following.following import Following

Level: TypeAlias = Literal["error", "warning", "note"]
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
"""Seconds in what a time may be given in."""


def run(
    paths: Annotated[
        list[str],
        typer.Argument(metavar="PATH...", help="Logs, there or not yet; directories, globs, or -."),
    ],
    once: Annotated[bool, typer.Option("--once", help="Show the state now, and leave.")] = False,
    format: Annotated[
        Literal["text", "json"], typer.Option(help="For people, or one event a line.")
    ] = "text",
    until: Annotated[
        Level | None,
        typer.Option(
            help="Leave with 1 once such a finding stands, with 0 once all runs are over."
        ),
    ] = None,
    stall: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", help="Silence that is an alarm: 90s, 15m, never.  [5 median epochs]"
        ),
    ] = None,
    on_finding: Annotated[
        str | None, typer.Option(metavar="CMD", help="Call a command for every alarm.")
    ] = None,
    notify: Annotated[
        bool, typer.Option("--notify", help="Show alarms through the desktop's notifier.")
    ] = False,
    severity: Annotated[
        Level, typer.Option(help="Least severity of an alarm for --on-finding and --notify.")
    ] = "warning",
    metrics_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE.prom", help="Keep numbers for node_exporter in a file."),
    ] = None,
    select: Select = None,
    ignore: Ignore = None,
    extend_select: ExtendSelect = None,
    fail_on: Annotated[
        FailOn | None, typer.Option(help="Least severity for exit code 1.  [default: error]")
    ] = None,
    config: ConfigFile = None,
    isolated: Isolated = False,
    stdin_name: StdinName = "<stdin>",
    format_in: FormatIn = None,
    map: MapName = None,
    better: BetterWay = None,
) -> None:
    """Follow logs while they grow, and say at once what `analyze` would say in the end.

    On a terminal the state of every run stands in one block; elsewhere every event is a line.
    Ctrl-C ends with the report of `analyze` and its exit code.
    """
    from concurrent.futures import ThreadPoolExecutor

    from logdiag.tailing import Acts, follow, show_once
    from logparse.findings import Severity
    from logparse.following.folder import RECENT_S
    from logparse.following.following import Following
    from logparse.intake import bench

    settings = configuration(config, isolated)
    flags = selection(select, extend_select, ignore)
    judges = Judges(flags, settings, stdin_name, reading(format_in, map, better))
    following = Following(
        [*dict.fromkeys(paths)],
        bench(**judges.options),
        judging=None if once else ThreadPoolExecutor(1),
        stall_s=_seconds(stall) if stall is not None else None,
        recent_s=inf if once else RECENT_S,
    )
    acts = Acts(
        following,
        Severity(severity),
        command=on_finding,
        notifies=notify,
        metrics_file=metrics_file,
        sources=paths,
    )
    is_reached, report = False, None
    with output() as console:
        has_several = following.is_open or len(paths) > 1
        view = _view(console, format, is_once=once, has_several=has_several)
        if once:
            show_once(following, view, acts)
        else:
            is_reached = follow(following, view, acts, until=Severity(until) if until else None)
        report = following.report
        report = replace(report, errors=(*report.errors, *unjudged(report, -1)))
        for told in (*report.remarks, *report.errors):
            complain(str(told))
        if format == "text":
            _write_end(following, console, is_once=once)
    if report is None:  # who read the output has left
        raise typer.Exit
    level = fail_on or settings.fail_on or "error"
    raise typer.Exit(1 if is_reached else exit_code(report, -1, level))


def _seconds(text: str) -> float:
    """`90s`, `15m`, `2h`, `1d` or a plain number of seconds; infinity for `never`."""
    if text == "never":
        return inf
    number, unit = (text[:-1], text[-1]) if text[-1:] in _UNITS else (text, "s")
    try:
        seconds = float(number) * _UNITS[unit]
    except ValueError:
        seconds = nan
    if not 0 < seconds < inf:
        raise typer.BadParameter(f"--stall {text}: give a time as 90s, 15m or 2h, or never.")
    return seconds


def _view(console: Console, format: str, *, is_once: bool, has_several: bool) -> View:
    from logdiag.views import Block, EventLines
    from logparse.following.renderers import as_json
    from logparse.following.renderers.lines import is_told, plain_line

    if format == "json":
        return EventLines(console, as_json.render)
    if is_once:
        return EventLines(console, lambda _: "")
    if console.styling is not Styling.NONE and console.stream.isatty():
        return Block(console)

    def as_text(event: Event) -> str:
        if not is_told(event):
            return ""
        source = event.source if has_several else ""
        return console.text(plain_line(event, console.page, source=source)) + "\n"

    return EventLines(console, as_text)


def _write_end(following: Following, console: Console, *, is_once: bool) -> None:
    """The state of all logs, or the report that `analyze` gives."""
    from datetime import UTC, datetime

    from logparse.following.renderers import block
    from logparse.renderers.text import lines

    if is_once:
        now = datetime.now(UTC)
        states = [state for state in following.states() if state.run is not None]
        console.write(block.lines(states, console.page, None, now, is_live=False) if states else ())
    elif following.report.runs:
        console.write(lines(following.report, console.page, show_errors=False))
