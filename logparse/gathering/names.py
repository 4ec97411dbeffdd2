"""The shortest names that tell runs apart."""

from __future__ import annotations

from itertools import count, takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_JOINTS = "-_.#@ /0123456789"


def told_apart(names: Iterable[str], taken: Iterable[str] = ()) -> list[str]:
    """The names, with ` (2)`, ` (3)`, ... after those that are taken or come again."""
    used, result = {*taken}, list[str]()
    for name in names:
        others = (f"{name} ({number})" for number in count(2))
        result.append(name if name not in used else next(o for o in others if o not in used))
        used.add(result[-1])
    return result


def group_name(names: Sequence[str]) -> str:
    """What the names of a group begin with, as `base` of base-0.log and base-1.log, or `group`."""
    if len(names) == 1:
        return names[0]
    alike = takewhile(lambda letters: len({*letters}) == 1, zip(*names, strict=False))
    return "".join(letters[0] for letters in alike).rstrip(_JOINTS) or "group"
