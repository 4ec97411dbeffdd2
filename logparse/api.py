"""Short functions over the session: read a log, judge it, put the result into words."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from logparse.column_hints import hints_from
from logparse.errors import ComparisonError, LogParseError
from logparse.findings import Report, SourceFailure
from logparse.intake import bench, failure, fed, files_of, no_log_in
from logparse.judging import judge
from logparse.lots import lots, read_lot
from logparse.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import TypeAlias

    from logparse.comparison import Comparison
    from logparse.configuration import Configuration
    from logparse.findings import RunReport
    from logparse.following.events import Event
    from logparse.gathering import Item
    from logparse.intake import Bench
    from logparse.lots import Reading
    from logparse.run import Run

    Names: TypeAlias = Mapping[str, str | Sequence[str]]


def read(
    path: str | os.PathLike[str],
    run: int = -1,
    *,
    format_in: str = "",
    map: Names | None = None,
) -> Run:
    """One run of a log: 1 is the first, -1 the last. `-` reads standard input.

    `format_in` names the format where the log does not show it; `map` says which printed name
    stands for which column, as `{"val_loss": "my_loss"}` or `{"loss": "my_loss"}` for training.

    Raises SourceError when the bytes cannot be read, NotALogError when there is no run in them,
    NoSuchRunError when there are fewer runs, UnknownNameError for a format or column there is
    none of.
    """
    return fed(path, _unjudged(path, format_in, map)).run(run)


def read_all(
    path: str | os.PathLike[str], *, format_in: str = "", map: Names | None = None
) -> list[Run]:
    """Every run of a log, in the order of the file. As `read`."""
    return fed(path, _unjudged(path, format_in, map)).runs()


def _unjudged(path: str | os.PathLike[str], format_in: str, map: Names | None) -> Session:
    return Session(os.fspath(path), rules=(), format=format_in, hints=hints_from(map))


def analyze(
    *paths: str | os.PathLike[str],
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    extend_select: Iterable[str] = (),
    configuration: Configuration | None = None,
    stdin_name: str = "<stdin>",
    format_in: str = "",
    map: Names | None = None,
    better: Mapping[str, str] | None = None,
) -> Report:
    """Judge every run of every source. What cannot be read becomes an entry of `Report.errors`.

    A path is a file, a directory, a glob or `-`. In a directory, files that are no logs are
    passed over; one that holds no log at all is an error. Files that make one run are judged as
    one: training and validation (also where only training is named, and the other lies beside
    it), rotated and resumed logs; what kept others apart is among `Report.remarks`.

    `select`, `extend_select` and `ignore` take codes, families (`LR`) and names, one text several
    with commas between; UnknownNameError is raised for any other, NoRuleError where nothing is
    left to judge by. They beat the `configuration`, which no file is searched for; its
    `fail_on` and `baseline` are the caller's. `format_in` and `map` are those of `read`; `better`
    says `higher` or `lower` by column.
    """
    judges = bench(
        select, ignore, extend_select, configuration, stdin_name,
        format_in=format_in, map=map, better=better,
    )  # fmt: skip
    reports = [*_reports([os.fspath(path) for path in paths], judges)]
    return Report(
        tuple(run for report in reports for run in report.runs),
        tuple(error for report in reports for error in report.errors),
        remarks=tuple(remark for report in reports for remark in report.remarks),
    )


def follow(
    *paths: str | os.PathLike[str],
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    extend_select: Iterable[str] = (),
    configuration: Configuration | None = None,
    stdin_name: str = "<stdin>",
    format_in: str = "",
    map: Names | None = None,
    better: Mapping[str, str] | None = None,
    stall_s: float | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[Event]:
    """What happens to logs while they grow, as it happens; `analyze` at the end of them.

    A path is a file, which need not be there yet, a directory, in which new logs are found, a
    glob or `-`. Each file is followed by itself: what `analyze` makes of several is not
    told. Ends when `stop`, asked at every look, says so, or all paths were pipes and have
    ended; the last event of each log is `ended`, with the report that `analyze` would give.
    `stall_s` is after how many silent seconds a writer is taken for stalled, by default five
    median epochs. Judges are chosen as for `analyze`; raises as that does.
    """
    from concurrent.futures import ThreadPoolExecutor

    from logparse.following.following import Following

    judges = bench(
        select, ignore, extend_select, configuration, stdin_name,
        format_in=format_in, map=map, better=better,
    )  # fmt: skip
    names = [os.fspath(path) for path in paths]
    with ThreadPoolExecutor(1) as judging:
        following = Following(names, judges, judging=judging, stall_s=stall_s)
        try:
            while not following.is_over and not stop():
                yield from following.step()
                time.sleep(following.wait_s)
            yield from following.close()
        finally:
            following.release()


def compare(
    *runs: Item,
    baseline: Item | None = None,
    by: str | None = None,
    metrics: str | Iterable[str] = (),
    align: str = "epoch",
    target: str | None = None,
    seed_noise: str | Iterable[str] = (),
    fail_if: str | Iterable[str] = (),
    task: str | None = None,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    extend_select: Iterable[str] = (),
    configuration: Configuration | None = None,
    stdin_name: str = "<stdin>",
    format_in: str = "",
    map: Names | None = None,
    better: Mapping[str, str] | None = None,
    processes: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Comparison:
    """Runs, or groups of runs, against the first of them, or against the `baseline`.

    An item is a path (a file, a directory, a glob, `-`; `name=path` labels a group, `path#2` is
    the second run of a file, `path#all` each, `path@30` a run up to epoch 30; files that make one
    run, as for `analyze`, are one), a `Run`, a `RunReport`, a sequence of these as one group, or a
    mapping of labels to them. A file without `#` stands for its last run;
    a path without a label that stands for several runs, for one
    side each. The other options are written as on the command line: `target="val_rmse=0.04"`,
    `seed_noise="2%"`, `fail_if="val_rmse:5%"`, `align` one of epoch, step, time and samples, `by`
    and `metrics` as the measures are called; those from `select` on are those of `analyze`.

    Up to `processes` read at once where that pays; a program that asks for more than one must be
    safe to import, as `multiprocessing` says. `progress` is told after each file how many of how
    many are read. What cannot be read or counted becomes an entry of `Comparison.errors`.
    Raises ComparisonError where fewer than two sides are left or an option cannot be meant,
    and UnknownNameError as `analyze` does, or for a metric that no run has.
    """
    from logparse.comparison.comparing import compare_sides
    from logparse.comparison.options import options
    from logparse.gathering import gather

    asked = options(
        metrics=_texts(metrics),
        by=by,
        align=align,
        target=target,
        seed_noise=_texts(seed_noise),
        fail_if=_texts(fail_if),
        task=task,
    )
    judges = bench(
        select, ignore, extend_select, configuration, stdin_name,
        format_in=format_in, map=map, better=better,
    )  # fmt: skip
    found = gather(runs, judges, baseline=baseline, progress=progress, processes=processes)
    runs_read = [one.run for side in found.sides for one in side.entrants]
    remarks = (*found.remarks, *judges.told.unmapped(runs_read))
    try:
        return compare_sides(
            found.sides, asked, rules=judges.judges, errors=found.errors, remarks=remarks
        )
    except ComparisonError as error:
        raise ComparisonError(str(error), found.errors) from None


def _texts(given: str | Iterable[str]) -> Iterable[str]:
    return (given,) if isinstance(given, str) else given


def render(result: Report | Comparison, format: str = "text", **options: object) -> str:
    """The result in words, with the options of the renderer.

    A report as text, json, markdown, sarif, github, or html (the page of `logdiag report`, with the
    options of `logparse.pages.html.render`); a comparison as text, json, csv or markdown.
    """
    from logparse.renderers import render as render_result

    if format == "html" and isinstance(result, Report):
        from logparse.pages import html

        page: Callable[..., str] = html.render
        return page(result, **options)
    return render_result(result, format, **options)


def _reports(paths: Sequence[str], bench: Bench) -> Iterator[Report]:
    """Reports of what the paths stand for, each file once, wherever it is named."""
    found: dict[str, dict[str, bool] | SourceFailure] = {}
    files: dict[str, bool] = {}
    names: dict[str, str] = {}
    for path in dict.fromkeys(paths):
        found[path] = here = files_of(path)
        if not isinstance(here, SourceFailure):
            new = {names.setdefault(os.path.realpath(name), name): here[name] for name in here}
            files |= {name: is_named or files.get(name, False) for name, is_named in new.items()}
    lot_of = {name: lot for lot in lots(files) for name in lot.bundle.files}
    are_logs: dict[int, bool] = {}
    for path, here in found.items():
        if isinstance(here, SourceFailure):
            yield Report((), (here,))
            continue
        mine = {id(lot): lot for name in here if (lot := lot_of.get(names[os.path.realpath(name)]))}
        for key, lot in mine.items():
            if key not in are_logs:
                read = read_lot(lot, bench.source, bench.told)
                are_logs[key] = read.is_log
                yield _judged(read, bench)
        if not any(are_logs[key] for key in mine):
            yield Report((), (no_log_in(path, here),))


def _judged(read: Reading, bench: Bench) -> Report:
    """The report of what was read; if a source broke off, what came before is judged as well."""
    runs: list[RunReport] = []
    failures = [*read.failures]
    for run in read.runs:
        try:
            rules = bench.rules(run.files[0])
        except LogParseError as error:
            failures.append(failure(run.source, error))
        else:
            runs.append(judge(run, rules, bench.settings.severities))
    return Report(tuple(runs), tuple(dict.fromkeys(failures)), remarks=read.remarks)
