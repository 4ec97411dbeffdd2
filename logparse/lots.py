"""Files that make one run, read together: which they are, and what they give."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from logparse import sources
from logparse.assembly import assembled, bundles, is_training, label, sifted, twins
from logparse.assembly.mlflow import store_runs
from logparse.errors import LogParseError, NotALogError, SourceError
from logparse.intake import Told, failure, looks_like_a_log, no_log_in
from logparse.lines import LineAssembler
from logparse.parts import Part
from logparse.session import Session, numbered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from logparse.assembly import Bundle
    from logparse.findings import SourceFailure
    from logparse.run import Run


@dataclass(frozen=True, slots=True)
class Lot:
    """Files to be read as one, where they are one.

    named    those that were asked for by name: they are read though they do not look like logs
    unasked  those that merely lie beside one that was asked for: they count only if they fit
    """

    bundle: Bundle
    named: frozenset[str] = frozenset()
    unasked: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The first of the files."""
        return self.bundle.files[0]


def lots(files: Mapping[str, bool]) -> list[Lot]:
    """The files, each with whether it was named, in lots; validation beside a named training too.

    In the order of the first file of each.
    """
    beside = [*_beside(name for name, is_named in files.items() if is_named)]
    known = {os.path.realpath(name) for name in files if name != sources.STDIN}
    unasked = frozenset(name for name in beside if os.path.realpath(name) not in known)
    named = frozenset(name for name, is_named in files.items() if is_named)
    return [
        Lot(one, named.intersection(one.files), unasked.intersection(one.files))
        for one in bundles([*files, *unasked], named | unasked)
    ]


def _beside(names: Iterable[str]) -> Iterator[str]:
    """Files on disk that are the validation of one of these."""
    for name in names:
        if is_training(name):
            folder = os.path.dirname(name)  # noqa: PTH120
            with suppress(OSError, ValueError):
                there = sorted(os.listdir(folder or os.curdir))  # noqa: PTH208
                yield from twins(name, [os.path.join(folder, one) for one in there])  # noqa: PTH118


@dataclass(frozen=True, slots=True)
class Reading:
    """What a lot gave: its runs, which of its files failed and why, what is to be remarked.

    `is_log` is False where no file was named, and none looks like a log.
    """

    runs: tuple[Run, ...] = ()
    failures: tuple[SourceFailure, ...] = ()
    remarks: tuple[str, ...] = ()
    is_log: bool = True


def read_lot(lot: Lot, called: Callable[[str], str] = str, told: Told | None = None) -> Reading:
    """The runs of a lot, each file by a session of its own; `called` gives its name in reports.

    A file that breaks off gives the runs before the break; files that are no logs are passed over.
    """
    told = told or Told()
    bundle = sifted(lot.bundle, lambda name: name in lot.named or looks_like_a_log(name, told))
    if bundle is None:
        return Reading(is_log=False)
    failures: list[SourceFailure] = []
    unmet: list[str] = []

    def read(one: Bundle) -> list[Run]:
        names = one.files
        if one.kind == "store":
            return store_runs(
                names,
                told.hints,
                lambda name, error: failures.append(failure(called(name), error, name)),
            )
        source = called(names[0])
        session = told.session(source)
        parts, broken = _fed_all(names, session, called)
        failures.extend(broken)
        try:
            runs = session.runs()
        except LogParseError as error:
            failures.extend([] if broken else [failure(source, error)])
            return []
        unmet.extend(told.remarks(source, session))
        if len(parts) < 2:
            return runs
        name = label([part.source for part in parts])
        return [replace(run, source=name, parts=parts) for run in runs]

    found = assembled(bundle, read)
    if not lot.unasked or any(
        lot.unasked.intersection(run.files) for run in found.runs if run.parts
    ):
        return Reading(found.runs, tuple(failures), (*found.remarks, *unmet))
    return Reading(
        tuple(run for run in found.runs if run.source not in lot.unasked),
        tuple(one for one in failures if one.source not in lot.unasked),
        tuple(unmet),
    )


def run_at(path: str, number: int, told: Told | None = None) -> tuple[Run, tuple[str, ...]]:
    """A run of what a path stands for, which is one log, and what is to be remarked.

    1 is the first run, -1 the last.

    Raises as `logparse.read` does, and SourceError for a directory or glob of several logs.
    """
    files = sources.without_links(sources.expand(path))
    found = [read_lot(lot, told=told) for lot in lots(files)]
    runs = [run for read in found for run in read.runs]
    names = [*dict.fromkeys(run.source for run in runs)]
    if not names:
        failures = [str(one) for read in found for one in read.failures]
        raise NotALogError(failures[0] if failures else str(no_log_in(path, files)))
    if len(names) > 1:
        raise SourceError(f"{path}: holds {len(names)} logs, of which one is to be named")
    remarks = tuple(remark for read in found for remark in read.remarks)
    return numbered(runs, number, names[0]), remarks


def _fed_all(
    names: tuple[str, ...], session: Session, called: Callable[[str], str]
) -> tuple[tuple[Part, ...], list[SourceFailure]]:
    """Feed all files as one stream of lines: where each begins in it, and which broke off."""
    failures: list[SourceFailure] = []
    parts: list[Part] = []
    lines = 0
    for name in names:
        parts.append(Part(called(name), lines))
        counter = LineAssembler()
        try:
            for chunk in sources.read_chunks(name):
                session.feed(chunk)
                lines += len(counter.feed(chunk)) if len(names) > 1 else 0
        except LogParseError as error:
            failures.append(failure(called(name), error, name))
        if name != names[-1] and counter.close():
            lines += 1
            session.feed(b"\n")
    return tuple(parts), failures
