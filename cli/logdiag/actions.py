"""GitHub Actions around a command: where the checkout is, and the step's summary page."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from logdiag.console import complain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from logparse.findings import Report
    from logparse.renderers.places import Places
    from logparse.renderers.selection import RunChoice

# A step whose summary exceeds this shows none at all.
_SUMMARY_BYTES = 1 << 20


def places(environ: Mapping[str, str] = os.environ) -> Places:
    """Paths as the checkout has them where the working folder is in one, else from that folder."""
    from logparse.renderers.places import Places

    try:
        folder = Path.cwd()
    except OSError:  # a folder that is gone
        return Places()
    workspace = environ.get("GITHUB_WORKSPACE")
    checkout = Path(workspace).resolve() if workspace else folder
    root = checkout if folder.is_relative_to(checkout) else folder
    return Places(str(folder), str(root))


def add_to_summary(
    report: Report, choice: RunChoice, environ: Mapping[str, str] = os.environ
) -> None:
    """Append the Markdown report to the step's summary, where there is one.

    A summary that cannot be written is one line on standard error and nothing worse.
    """
    from logparse.renderers.markdown import lines

    name = environ.get("GITHUB_STEP_SUMMARY")
    if not name:
        return
    try:
        with Path(name).open("a", encoding="utf-8", newline="\n") as stream:
            written = stream.tell()
            found = lines(report, run=choice, limit=_SUMMARY_BYTES - written)
            text = ("\n" if written else "") + "".join(f"{line}\n" for line in found)
            if written + len(text.encode()) > _SUMMARY_BYTES:
                raise ValueError("it is full")
            stream.write(text)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        complain(f"cannot write the step's summary {name}: {why}")
