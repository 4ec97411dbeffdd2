"""`logdiag demo`: four small logs whose truth is known, to try the other commands on."""

from __future__ import annotations

import shlex
from pathlib import Path  # noqa: TC003  Typer reads annotations when it runs
from typing import Annotated

import typer

from logdiag.console import OutputError, output, whole_file
from logdiag.demo import SAMPLES, Sample
from logparse.renderers.layout import pad


def run(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write them.")],
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite files of the same names.")
    ] = False,
) -> None:
    """Write four small training logs, to try logdiag without one of your own.

    What is wrong in each was done on purpose, by the trainer that wrote them.
    """
    paths = [folder / f"{sample.name}.log" for sample in SAMPLES]
    _refuse_to_overwrite(paths, force)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot write {folder}: {error.strerror}") from error
    for sample, path in zip(SAMPLES, paths, strict=True):
        with whole_file(path) as stream:
            stream.write(sample.log())
    _tell(paths)


def _refuse_to_overwrite(paths: list[Path], force: bool) -> None:
    """A file of the same name stays, unless it is what would be written."""
    for sample, path in zip(SAMPLES, paths, strict=True):
        if not force and path.exists() and not _holds(path, sample):
            raise OutputError(f"{path} is there already: --force overwrites it")


def _holds(path: Path, sample: Sample) -> bool:
    try:
        return path.is_file() and path.read_bytes() == sample.log()
    except OSError:
        return False


def _tell(paths: list[Path]) -> None:
    healthy, early, _, vanishing = (shlex.quote(str(path)) for path in paths)
    folder = shlex.quote(str(paths[0].parent))
    report = shlex.quote(str(paths[0].parent / "report.html"))
    commands = (
        f"logdiag analyze {early}",
        f"logdiag compare {healthy} {early}",
        f"logdiag plot {vanishing} --grad-norms --layers",
        f"logdiag report {folder} -o {report}",
    )
    with output() as console:
        page = console.page
        width = max(len(str(path)) for path in paths) + 2
        for sample, path in zip(SAMPLES, paths, strict=True):
            console.write([(pad(page.span(str(path)), width), page.span(sample.truth, "dim"))])
        console.write([()])
        for at, command in enumerate(commands):
            label = page.span("" if at else "next", "dim")
            console.write([(pad(label, 6), page.span(command, "code"))])
