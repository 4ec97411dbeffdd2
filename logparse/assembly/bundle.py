"""Files that may make one run, in groups."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

Kind: TypeAlias = Literal[
    "file", "rotated", "pair", "tags", "store", "series", "events", "curves", "prefixes",
    "twice", "apart",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bundle:
    """Files that may make one run.

    file      one, by itself
    rotated   parts of one stream of lines, in the order of writing
    pair      training and validation, in this order
    tags      files that hold a metric each
    store     the metrics of a run folder of MLflow
    series    files written one after another, of which each may go on with the one before
    events    as series, where a file may also tell other things of the same run
    curves    event files of a folder, and those of folders in it, which may be charts of the run
    prefixes  states of one run, each a beginning of the next
    twice     the run, and what tells it again, which counts where there is no run in the first
    apart     runs of their own
    """

    kind: Kind
    parts: tuple[str | Bundle, ...]

    @property
    def files(self) -> tuple[str, ...]:
        """All files, in order."""
        nested = ((one,) if isinstance(one, str) else one.files for one in self.parts)
        return tuple(chain.from_iterable(nested))


def single(name: str) -> Bundle:
    """A file by itself."""
    return Bundle("file", (name,))


def sifted(bundle: Bundle, is_wanted: Callable[[str], bool]) -> Bundle | None:
    """The bundle without files that are not wanted; None where none is left.

    Of a rotated log all parts are, if one is: what begins in the middle may look like nothing.
    """
    if bundle.kind in ("file", "rotated"):
        return bundle if any(map(is_wanted, bundle.files)) else None
    parts = [
        sifted(single(part) if isinstance(part, str) else part, is_wanted) for part in bundle.parts
    ]
    left = [part for part in parts if part is not None]
    if bundle.kind == "store" and left:
        return Bundle("store", tuple(name for part in left for name in part.files))
    if len(left) < 2:
        return left[0] if left else None
    return Bundle(bundle.kind, tuple(map(flat, left)))


def flat(one: Bundle) -> str | Bundle:
    """A file by itself as its name; any other bundle as it is."""
    return one.parts[0] if one.kind == "file" else one
