"""What an argument of a comparison stands for: `name=path`, `file.log#2`, `file.log@30`."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from logparse.sources import is_there

if TYPE_CHECKING:
    from collections.abc import Iterator

RunNumber: TypeAlias = "int | Literal['all']"
"""A run of a file: 1 is the first, -1 the last."""
Pick: TypeAlias = "tuple[RunNumber, int | None]"
"""A run of a file, and the epoch at which it is cut, None for none."""

_NUMBER = "[1-9][0-9]{0,8}"
_UNTIL = re.compile(f"(?P<path>.+)@(?P<until>{_NUMBER})", re.DOTALL)
_RUN = re.compile(f"(?P<path>.+)#(?P<run>all|-?{_NUMBER})", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A path with the runs of each file that are wanted, up to an epoch or (None) the end.

    `label` is the group that they are to join, '' for none; `text` the argument as given.
    """

    text: str
    path: str
    label: str = ""
    run: RunNumber = -1
    until: int | None = None

    @property
    def pick(self) -> Pick:
        """What is wanted of each file."""
        return self.run, self.until


def wanted(text: str) -> Wanted:
    """The reading of an argument.

    What is there under its whole name is never split; of other readings the one that splits the
    least off wins whose path is there, and where none is, the one that splits most.
    """
    readings = [*_readings(text, text, "")]
    label, _, path = text.partition("=")
    if label.strip() and path and not {"/", os.sep} & {*label}:
        readings += _readings(text, path, label)
    return next((one for one in readings if is_there(one.path)), readings[-1])


def _readings(text: str, path: str, label: str) -> Iterator[Wanted]:
    yield Wanted(text, path, label)
    until = None
    if cut := _UNTIL.fullmatch(path):
        path, until = cut["path"], int(cut["until"])
        yield Wanted(text, path, label, until=until)
    if of := _RUN.fullmatch(path):
        run: RunNumber = "all" if of["run"] == "all" else int(of["run"])
        yield Wanted(text, of["path"], label, run, until)
