"""Pictures on their way to files, to a viewer or to the terminal."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

import typer

from logdiag.console import OutputError, complain, output, whole_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from logparse.plots.content import Picture
    from logparse.run import Run

Format: TypeAlias = Literal["png", "svg", "pdf"]
FORMATS: tuple[Format, ...] = ("png", "svg", "pdf")
INCH_PX = 150
"""Pixels of a PNG to the inch; a width in pixels is one in inches for SVG and PDF."""
_LONGEST_NAME = 40
_STDIN = "stdin"
_COMPRESSED = (".gz", ".bz2", ".xz", ".zst")


@dataclass(frozen=True, slots=True)
class Named:
    """A picture, and what its file is called where the user does not say: without a suffix."""

    picture: Picture
    place: Path


def place(run: Run, what: str) -> Path:
    """Where a picture of a run goes: beside its log, `run.grad-norms` for `run.log.xz`.

    That of standard input goes to the current folder; a run of several has its number.
    """
    from logparse.renderers.places import is_stream

    path = Path(_STDIN if is_stream(run.source) else run.files[0])
    stem = path.name.removesuffix(path.suffix) if path.suffix in _COMPRESSED else path.name
    stem = Path(stem).stem + (f"-{run.index}" if run.count > 1 else "")
    return path.with_name(f"{stem}.{what}")


def called(views: Sequence[str], otherwise: str) -> str:
    """`loss+lr`: what the views are together, short enough for a file's name."""
    joined = "+".join(views)
    return (joined if len(joined) <= _LONGEST_NAME else "views") or otherwise


def format_of(out: Path | None) -> Format | None:
    """The format of a file by its suffix; None for a folder, and for files beside their logs.

    What goes to standard output is text, an SVG. OutputError for another suffix.
    """
    if out is None or out.is_dir() or not (out.suffix or str(out) == "-"):
        return None
    suffix = out.suffix.lower() if str(out) != "-" else ".svg"
    for format in FORMATS:
        if suffix == f".{format}":
            return format
    raise OutputError(f"{out} is no picture: the name ends in .png, .svg or .pdf")


def written(
    drawn: Sequence[Named],
    out: Path | None,
    *,
    width: int | None,
    is_dark: bool,
    sources: Iterable[str],
) -> list[Path]:
    """The files that now hold the pictures: one each, or one PDF with a page for each.

    OutputError where a file cannot be written, or one that is no PDF is to hold several.
    """
    format = format_of(out)
    if out is not None and format is not None:
        if len(drawn) > 1 and format != "pdf":
            raise OutputError(
                f"{out} cannot hold {len(drawn)} pictures: --compare overlays the runs, a PDF has "
                "a page for each, a folder (-o pictures) a file"
            )
        _write([one.picture for one in drawn], out, format, width, is_dark, sources)
        return [out]
    paths = [_in_folder(one.place, out) for one in drawn]
    for one, path in zip(drawn, paths, strict=True):
        _write([one.picture], path, "png", width, is_dark, sources)
    return paths


def _in_folder(place: Path, folder: Path | None) -> Path:
    if folder is None:
        return place.with_name(f"{place.name}.png")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot write {folder}: {error.strerror}") from error
    return folder / f"{place.name}.png"


def _write(
    pictures: Sequence[Picture],
    path: Path,
    format: Format,
    width: int | None,
    is_dark: bool,
    sources: Iterable[str],
) -> None:
    from logparse.plots import DARK, LIGHT, Look, figure, save

    look = Look(colours=DARK if is_dark else LIGHT)
    if width is not None:
        look = Look(width_in=width / INCH_PX, colours=look.colours)
    with whole_file(path, sources=sources) as stream:
        save([figure(picture, look) for picture in pictures], stream, format, dpi=INCH_PX)


def in_terminal(pictures: Iterable[Picture], columns: int | None) -> None:
    """Draw the pictures with signs on standard output."""
    from logparse.plots.terminal import lines
    from logparse.renderers.layout import Page

    with output() as console:
        page = console.page if columns is None else Page(columns, console.page.ascii_only)
        for at, picture in enumerate(pictures):
            console.write([()] * bool(at))
            console.write(lines(picture, page))


def shown(paths: Iterable[Path]) -> bool:
    """Open the files in the desktop's viewer; False, with a line, where there is none."""
    if all(typer.launch(str(path)) == 0 for path in paths):
        return True
    complain("nothing here opens pictures: --terminal draws in the terminal")
    return False
