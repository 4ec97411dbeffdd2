"""The program: its commands, and the one place that decides what an exit code means.

0   nothing at or above --fail-on
1   findings
2   could not judge, wrong usage, or a fault of logdiag itself
130 interrupted
"""

from __future__ import annotations

import os
import sys
import traceback
from contextlib import suppress
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Annotated

import typer

from logdiag import commands
from logdiag.console import OutputError, complain, discard_output
from logparse.errors import LogParseError

if TYPE_CHECKING:
    from collections.abc import Sequence

CLEAN, FAILED, INTERRUPTED = 0, 2, 130


def build() -> typer.Typer:
    """The application with every module of `logdiag.commands` as a command, or a group of them."""
    app = typer.Typer(
        name="logdiag",
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(root)
    for module in iter_modules(commands.__path__):
        command = import_module(f"{commands.__name__}.{module.name}")
        if hasattr(command, "group"):
            app.add_typer(command.group, name=module.name)
        else:
            app.command(module.name)(command.run)
    return app


def _show_version(is_wanted: bool) -> None:
    if is_wanted:
        from logparse.renderers.as_json import tool_version

        typer.echo(f"logdiag {tool_version()}")
        raise typer.Exit


def root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Find out from its log what happened in a training run.

    Exit codes: 0 nothing found at or above --fail-on, 1 findings, 2 could not judge, wrong
    usage or a fault of logdiag, 130 interrupted.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code; nothing is raised."""
    try:
        # Outside standalone mode Typer returns the code of an Exit instead of leaving.
        code = build()(args=arguments, prog_name="logdiag", standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
        return code if isinstance(code, int) else CLEAN
    except typer.TyperException as error:
        return _misused(error)
    except (LogParseError, OutputError) as error:
        complain(str(error))
        return FAILED
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        discard_output()
        return CLEAN
    except SystemExit as leaving:
        return _left(leaving)
    except OSError as error:
        # Only a stream's failure names no file: Typer's own help and version go unguarded.
        return _crashed(error) if error.filename else _unwritten(error)
    except Exception as error:
        return _crashed(error)


def _misused(error: typer.TyperException) -> int:
    """Wrong usage: Typer's own text with the usage line, on standard error."""
    show = getattr(error, "show", None)
    if show is None:
        complain(error.format_message())
    else:
        with suppress(OSError):  # a full standard error must not change the exit code
            show()
    return FAILED


def _unwritten(error: OSError) -> int:
    discard_output()
    complain(f"cannot write to standard output: {error.strerror or error}")
    return FAILED


def _left(leaving: SystemExit) -> int:
    """Typer itself leaves with 1 when nobody reads its help; that is no finding."""
    if isinstance(leaving.__context__, BrokenPipeError):
        discard_output()
        return CLEAN
    return leaving.code if isinstance(leaving.code, int) else FAILED


def _crashed(error: Exception) -> int:
    if os.environ.get("LOGDIAG_DEBUG") == "1":
        traceback.print_exception(error)
    kind = type(error).__name__
    complain(f"internal error: {kind}: {error} (LOGDIAG_DEBUG=1 shows where)")
    return FAILED
