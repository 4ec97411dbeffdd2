"""Where the bytes of a log went when they are not in it any more: the files it was rotated to."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

from logparse.errors import LogParseError
from logparse.sources import unfolded_chunks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.following.parts import Mark

_FOLDED = re.compile(r"\.(?:gz|bz2|xz|zst)$")
_NUMBER = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class Generation:
    """A file that holds an older part of a log: its name, and its bytes that were not read yet."""

    name: str
    chunks: Iterator[bytes]


def unread_generations(path: str, mark: Mark, identity: tuple[int, int]) -> list[Generation]:
    """The file that what was read went to, and those that came after it; none where it is lost.

    `identity` is the file that has the log's name now. Looks beside the log, and beside the
    file that it is a link to, for files whose names begin as the log's does.
    """
    if not mark.position:
        return []
    # Twice: one that is renamed while the folder is listed may be missed at first.
    for place in [*dict.fromkeys([path, os.path.realpath(path)])] * 2:
        siblings = _siblings(Path(place), identity)
        for sibling in sorted(siblings, key=attrgetter("is_folded")):
            rest = mark.rest_of(sibling.chunks())
            if rest is not None:
                # A link may be one of several in its folder: whose files are newer is not known.
                newer = [] if Path(path).is_symlink() else _newer(siblings, sibling)
                return [Generation(sibling.path.name, rest), *newer]
    return []


@dataclass(frozen=True, slots=True)
class _Sibling:
    path: Path
    modified_ns: int

    @property
    def is_folded(self) -> bool:
        """True for a name of a compressed file, which may not be complete as long as another is."""
        return bool(_FOLDED.search(self.path.name))

    @property
    def family(self) -> str:
        """The name without what differs between generations: 'run.log.#'."""
        return _NUMBER.sub("#", _FOLDED.sub("", self.path.name))

    @property
    def age(self) -> tuple[int, list[int]]:
        """Sorts the older first; of two written in the same instant, run.log.2 is the older."""
        return self.modified_ns, [-int(number) for number in _NUMBER.findall(self.path.name)]

    def chunks(self) -> Iterator[bytes]:
        """The unfolded bytes, as far as they can be had."""
        try:
            yield from unfolded_chunks(self.path)
        except LogParseError:
            return


def _siblings(log: Path, identity: tuple[int, int]) -> list[_Sibling]:
    """Other regular files whose names begin as that of the log."""
    found = []
    with suppress(OSError), os.scandir(log.parent) as entries:
        for entry in entries:
            if entry.name.startswith(log.stem) and entry.is_file(follow_symlinks=False):
                with suppress(FileNotFoundError):  # It has just been moved on.
                    # Not entry.stat(): on Windows it knows no inode.
                    status = Path(entry.path).stat()
                    if (status.st_dev, status.st_ino) != identity:
                        found.append(_Sibling(Path(entry.path), status.st_mtime_ns))
    return found


def _newer(siblings: list[_Sibling], old: _Sibling) -> Iterator[Generation]:
    """The generations after the old one, less the empty ones."""
    family = sorted((each for each in siblings if each.family == old.family), key=attrgetter("age"))
    for sibling in family[family.index(old) + 1 :]:
        chunks = sibling.chunks()
        if first := next(chunks, b""):
            yield Generation(sibling.path.name, chain([first], chunks))
