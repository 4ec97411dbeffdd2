"""What a stream may show, how wide it is, and files that appear whole or not at all."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest

from logdiag.console import (
    Console,
    OutputError,
    Styling,
    choose_styling,
    choose_width,
    console_for,
    output,
)
from logparse.renderers.layout import Page


class Terminal(io.StringIO):
    """A text stream that claims to be a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environ", "on_terminal", "in_pipe"),
    [
        ({}, Styling.COLOUR, Styling.NONE),
        ({"NO_COLOR": "1"}, Styling.MONOCHROME, Styling.NONE),
        ({"NO_COLOR": ""}, Styling.COLOUR, Styling.NONE),
        ({"FORCE_COLOR": "1"}, Styling.COLOUR, Styling.COLOUR),
        ({"FORCE_COLOR": "0"}, Styling.COLOUR, Styling.NONE),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, Styling.MONOCHROME, Styling.MONOCHROME),
        ({"TERM": "dumb"}, Styling.NONE, Styling.NONE),
    ],
)
def test_styling_follows_the_environment(
    environ: dict[str, str], on_terminal: Styling, in_pipe: Styling
) -> None:
    assert choose_styling(Terminal(), environ) is on_terminal
    assert choose_styling(io.StringIO(), environ) is in_pipe


@pytest.mark.parametrize(
    ("environ", "width"),
    [({}, 80), ({"COLUMNS": "100"}, 100), ({"COLUMNS": "400"}, 120), ({"COLUMNS": "wide"}, 80)],
)
def test_width_of_a_pipe_is_80_unless_declared(environ: dict[str, str], width: int) -> None:
    assert choose_width(io.StringIO(), environ) == width


@pytest.mark.parametrize(
    ("encoding", "is_ascii"),
    [("utf-8", False), ("UTF8", False), ("latin-1", True), ("ascii", True)],
)
def test_a_stream_that_is_not_utf8_gets_ascii(encoding: str, is_ascii: bool) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    assert console_for(stream, {}).page.ascii_only is is_ascii


def test_colour_is_not_the_only_sign() -> None:
    line = (("error", "error"), (" in plain words", ""))
    shown = {}
    for styling in Styling:
        stream = io.StringIO()
        Console(stream, Page(), styling).write([line])
        shown[styling] = stream.getvalue()
    assert shown[Styling.NONE] == "error in plain words\n"
    assert shown[Styling.MONOCHROME] == "\x1b[1merror\x1b[0m in plain words\n"
    assert shown[Styling.COLOUR] == "\x1b[31m\x1b[1merror\x1b[0m in plain words\n"


def test_a_file_is_replaced_when_the_block_ends(tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    path.write_text("old")
    with output(path) as console:
        console.write([(("new", "error"),)])
        assert path.read_text() == "old"
    assert path.read_text() == "new\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_stays_as_it_was_when_the_block_fails(tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), output(path) as console:
        console.stream.write("half")
        raise ZeroDivisionError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_is_written_through(tmp_path: Path) -> None:
    target, link = tmp_path / "target.txt", tmp_path / "link.txt"
    target.touch()
    link.symlink_to(target)
    with output(link) as console:
        console.stream.write("text")
    assert link.is_symlink()
    assert target.read_text() == "text"


@pytest.mark.parametrize("name", ["missing/report.txt", "folder"])
def test_what_cannot_be_written_is_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError, match=name), output(tmp_path / name) as console:
        console.stream.write("text")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_the_root_cannot_be_written_and_is_one_line() -> None:
    with pytest.raises(OutputError, match="cannot write /: Is a directory"), output(Path("/")):
        pass


def test_what_was_read_is_never_replaced(tmp_path: Path) -> None:
    log, link = tmp_path / "run.log", tmp_path / "link.log"
    log.write_text("all there is")
    link.symlink_to(log)
    for path in (log, link, tmp_path / "." / "run.log"):
        with (
            pytest.raises(OutputError, match="is what was read"),
            output(path, sources=["gone.log", "-", str(log)]),
        ):
            pass
    assert log.read_text() == "all there is"


def test_a_pipe_is_written_to_under_its_name_in_dev() -> None:
    code = "from logdiag.console import output; from pathlib import Path\n"
    code += "with output(Path('/dev/stdout')) as console: console.stream.write('text')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("text", "")
