"""Where output goes: its width, its signs and its colours; files written whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO

import typer

from logparse.renderers.layout import Page
from logparse.renderers.spans import Line, escape, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_DEFAULT_WIDTH = 80
# Prose wider than this is hard to read, however wide the terminal is.
_WIDEST = 120

_COLOURS: dict[str, dict[str, Any]] = {
    "title": {"bold": True},
    "metric": {"fg": "cyan"},
    "code": {"bold": True},
    "dim": {"dim": True},
    "good": {"fg": "green"},
    "bad": {"fg": "red"},
    "error": {"fg": "red", "bold": True},
    "warning": {"fg": "yellow", "bold": True},
    "note": {"fg": "blue", "bold": True},
    "part0": {"fg": "cyan"},
    "part1": {"fg": "yellow"},
    "part2": {"fg": "green"},
    "part3": {"fg": "magenta"},
    "part4": {"fg": "blue"},
    "part5": {"fg": "bright_white"},
    "part6": {"fg": "bright_cyan"},
}


class OutputError(Exception):
    """The result could not be written; the text says where and why."""


class Styling(Enum):
    """What a stream may show: nothing but text, weight without colour, or both."""

    NONE = "none"
    MONOCHROME = "monochrome"
    COLOUR = "colour"


@dataclass(frozen=True, slots=True)
class Console:
    """A stream for results, with what it can show."""

    stream: TextIO
    page: Page
    styling: Styling

    def write(self, lines: Iterable[Line]) -> None:
        """Write each line, styled as far as the stream allows."""
        for line in lines:
            self.stream.write(self.text(line) + "\n")

    def text(self, line: Line) -> str:
        """The line, styled as far as the stream allows, without an end."""
        if self.styling is Styling.NONE:
            return plain(line)
        return "".join(styled(text, style, self.styling) for text, style in line)


def styled(text: str, style: str, styling: Styling) -> str:
    """The text with the terminal sequences of its semantic style around it."""
    look = dict(_COLOURS.get(style, {}))
    if styling is Styling.MONOCHROME:
        look.pop("fg", None)
    return typer.style(text, **look) if look else text


def choose_styling(stream: TextIO, environ: Mapping[str, str]) -> Styling:
    """NO_COLOR takes the colour, FORCE_COLOR gives it to a pipe, TERM=dumb takes everything."""
    is_forced = environ.get("FORCE_COLOR", "") not in ("", "0")
    if not is_forced and (environ.get("TERM") == "dumb" or not stream.isatty()):
        return Styling.NONE
    return Styling.MONOCHROME if environ.get("NO_COLOR") else Styling.COLOUR


def choose_width(stream: TextIO, environ: Mapping[str, str]) -> int:
    """COLUMNS, else the terminal's width, else 80; never more than 120."""
    declared = environ.get("COLUMNS", "")
    if declared.isdecimal() and int(declared) > 0:
        return min(int(declared), _WIDEST)
    if not stream.isatty():
        return _DEFAULT_WIDTH
    return min(shutil.get_terminal_size((_DEFAULT_WIDTH, 24)).columns, _WIDEST)


def console_for(stream: TextIO, environ: Mapping[str, str] = os.environ) -> Console:
    """A console on an open text stream; ASCII where the stream's encoding is not UTF-8."""
    encoding = (stream.encoding or "ascii").lower().replace("-", "").replace("_", "")
    page = Page(choose_width(stream, environ), ascii_only=encoding not in ("utf8", "utf8sig"))
    return Console(stream, page, choose_styling(stream, environ))


@contextmanager
def output(path: Path | None = None, *, sources: Iterable[str] = ()) -> Iterator[Console]:
    """A console on standard output, or on a file that appears whole when the block ends.

    A reader that went away, as `head` does, ends the block in silence. OutputError where the
    result cannot be written, or would take the place of one of the `sources` it was made from.
    """
    if path is None or str(path) == "-":
        with _standard_output() as stream:
            yield console_for(stream)
        return
    with whole_file(path, sources=sources) as raw:
        stream = TextIOWrapper(raw, encoding="utf-8", newline="\n")
        width = choose_width(stream, os.environ)
        yield Console(stream, Page(width), Styling.NONE)
        stream.detach()


@contextmanager
def whole_file(path: Path, *, sources: Iterable[str] = ()) -> Iterator[BinaryIO]:
    """A binary file that appears whole when the block ends, or not at all; `-` is standard output.

    OutputError where it cannot be written, or would take the place of one of the `sources`.
    """
    if str(path) == "-":
        with _standard_output() as standard:
            yield standard.buffer
        return
    if any(_is_same_file(path, source) for source in sources):
        raise OutputError(f"{path} is what was read: write the result to another file")
    if path.is_dir():
        raise OutputError(f"cannot write {path}: {os.strerror(errno.EISDIR)}")
    # A device or a pipe cannot be replaced, only written to.
    is_special = path.exists() and not path.is_file()
    target = path if is_special else Path(os.path.realpath(path))
    written = target if is_special else target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with written.open("wb") as stream:
            yield stream
        if written != target:
            written.replace(target)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from error
    finally:
        if written != target:
            with suppress(OSError):
                written.unlink()


def _is_same_file(path: Path, source: str) -> bool:
    """True when the source, `-` for standard input, is this very file under any name."""
    with suppress(OSError, ValueError, AttributeError):
        read = os.fstat(sys.stdin.fileno()) if source == "-" else os.stat(source)  # noqa: PTH116
        return path.is_file() and os.path.samestat(read, path.stat())
    return False


@contextmanager
def _standard_output() -> Iterator[TextIO]:
    if sys.stdout is None:
        raise OutputError("standard output is closed")
    try:
        yield sys.stdout
        sys.stdout.flush()
    except BrokenPipeError:
        discard_output()
    except OSError as error:
        discard_output()
        raise OutputError(f"cannot write to standard output: {error.strerror}") from error


def discard_output() -> None:
    """Point standard output nowhere, so that the interpreter's last flush cannot fail."""
    with suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def complain(text: str) -> None:
    """One line on standard error, safe to show and under the tool's name."""
    # A closed or full standard error must not turn a failure into another exit code.
    with suppress(OSError, AttributeError, ValueError):
        print(f"logdiag: {escape(text, ascii_only=not _speaks_utf8())}", file=sys.stderr)


def _speaks_utf8() -> bool:
    return (sys.stderr.encoding or "").lower().replace("-", "") == "utf8"
