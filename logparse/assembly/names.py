"""Which files belong together, by their names and folders alone."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import PurePath
from typing import TYPE_CHECKING, Literal, TypeAlias

from logparse.assembly.bundle import Bundle, flat, single
from logparse.assembly.folders import EVENTS, passed_over, stores
from logparse.assembly.nesting import curves, twice
from logparse.sources import natural_key

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence

    from logparse.assembly.bundle import Kind

Split: TypeAlias = Literal["train", "val"]

_WORDS: dict[str, Split] = {
    **dict.fromkeys(("train", "training", "trn"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "eval", "evaluation", "dev"), "val"),
}
_WORD = re.compile(rf"(?<![a-z])(?:{'|'.join(sorted(_WORDS, key=len, reverse=True))})(?![a-z])")
_ROTATED = re.compile(
    r"(?P<log>.+?)[.\-_](?P<number>[0-9][0-9\-_.]*)(?P<packed>\.(?:gz|xz|bz2|zst))?", re.DOTALL
)
_NUMBERED = re.compile(r"(?P<stem>.+)\.(?P<number>[0-9]{3,6})\.(?P<suffix>[A-Za-z]+)", re.DOTALL)
_VERSION = re.compile(r"version_(?P<number>[0-9]{1,9})")
_CHECKPOINT = re.compile(r"checkpoint-(?P<number>[0-9]{1,12})")
_LONGEST_COUNTER = 4
"""A rotated part with more digits is named by a date: the later the greater."""


def bundles(files: Iterable[str], named: Collection[str] = ()) -> list[Bundle]:
    """The files in groups, each file in one at most, in the order of the first of each.

    What lies in the folder of a run and is no log is in none, unless it was named.
    """
    names = [*dict.fromkeys(files)]
    stored = stores(names)
    found = [Bundle("store", tuple(of)) for of in stored.values()]
    left = {*names} - (passed_over(names) - {*named})
    left -= {name for one in found for name in one.files}
    for kind, key, order in _FAMILIES:
        found += _families([name for name in names if name in left], kind, key, order)
        left -= {name for one in found for name in one.files}
    found += _rotated([name for name in names if name in left])
    left -= {name for one in found for name in one.files}
    found += [single(name) for name in names if name in left]
    place = {name: at for at, name in enumerate(names)}
    made = twice([*_paired([*curves(found)])], stored, named)
    return sorted(made, key=lambda one: min(place[name] for name in one.files))


def is_training(name: str) -> bool:
    """True where the name says that the file is of training."""
    return _side(single(name))[0] == "train"


def twins(name: str, others: Iterable[str]) -> list[str]:
    """Those of the other files that are the validation of this one of training."""
    split, key = _side(single(name))
    if split != "train":
        return []
    return [other for other in others if _side(single(other)) == ("val", key)]


def _families(
    names: Sequence[str],
    kind: Kind,
    key_of: Callable[[PurePath], Hashable | None],
    order: Callable[[PurePath], object],
) -> Iterator[Bundle]:
    """Bundles of the files that share a key."""
    groups: dict[Hashable, list[str]] = defaultdict(list)
    for name in names:
        key = key_of(PurePath(name))
        if key is not None:
            groups[key].append(name)
    for group in groups.values():
        if len(group) > 1:
            group.sort(key=lambda name: order(PurePath(name)))  # type: ignore[arg-type,return-value]
            yield Bundle(kind, tuple(group))


def _events_of(path: PurePath) -> Hashable | None:
    return path.parent if EVENTS.fullmatch(path.name) else None


def _written(path: PurePath) -> tuple[int, object]:
    found = EVENTS.fullmatch(path.name)
    return int(found["time"]) if found else 0, natural_key(path.name)


def _versions_of(path: PurePath) -> Hashable | None:
    is_one = path.name == "metrics.csv" and _VERSION.fullmatch(path.parent.name)
    return path.parent.parent if is_one else None


def _states_of(path: PurePath) -> Hashable | None:
    if path.name != "trainer_state.json":
        return None
    return path.parent.parent if _CHECKPOINT.fullmatch(path.parent.name) else path.parent


def _steps(path: PurePath) -> tuple[bool, object]:
    """The state beside the checkpoints is the last."""
    found = _CHECKPOINT.fullmatch(path.parent.name)
    return found is None, int(found["number"]) if found else 0


def _tags_of(path: PurePath) -> Hashable | None:
    """The folder `metrics` that a file of one metric lies in, however deep; its name has no end."""
    folders = [one for one in path.parents if one.name == "metrics"]
    return folders[-1] if folders and not path.suffix else None


def _numbered_of(path: PurePath) -> Hashable | None:
    found = _NUMBERED.fullmatch(path.name)
    return (path.parent, found["stem"], found["suffix"]) if found else None


def _natural(path: PurePath) -> object:
    return natural_key(str(path))


_FAMILIES: tuple[
    tuple[Kind, Callable[[PurePath], Hashable | None], Callable[[PurePath], object]], ...
] = (
    ("events", _events_of, _written),
    ("series", _versions_of, _natural),
    ("prefixes", _states_of, _steps),
    ("tags", _tags_of, _natural),
    ("series", _numbered_of, _natural),
)


def _rotated(names: Sequence[str]) -> Iterator[Bundle]:
    """`run.log.2`, `run.log.1.gz`, `run.log`: beside the log that is still written to."""
    groups: dict[str, list[tuple[int, str]]] = defaultdict(list)
    known = {*names}
    for name in names:
        found = _ROTATED.fullmatch(name)
        log = next((one for one in _logs_of(name) if one in known), None) if found else None
        if found and log is not None and PurePath(log).suffix != ".json":
            digits = re.sub("[^0-9]", "", found["number"])
            is_date = len(digits) > _LONGEST_COUNTER
            groups[log].append((int(digits) if is_date else -int(digits), name))
    for log, parts in groups.items():
        yield Bundle("rotated", (*(name for _, name in sorted(parts)), log))


def _logs_of(name: str) -> Iterator[str]:
    """What the log may be called that a file is a part of."""
    found = _ROTATED.fullmatch(name)
    while found:
        yield found["log"]
        found = _ROTATED.fullmatch(found["log"])


def _paired(found: Sequence[Bundle]) -> Iterator[Bundle]:
    """The bundles, those of training with those of validation where there is one of each."""
    sides: dict[Hashable, dict[Split, list[Bundle]]] = defaultdict(lambda: defaultdict(list))
    for one in found:
        split, key = _side(one)
        if split is not None:
            sides[key][split].append(one)
    pairs = {
        id(of["train"][0]): (of["train"][0], of["val"][0])
        for of in sides.values()
        if len(of["train"]) == len(of["val"]) == 1
    }
    second = {id(val) for _, val in pairs.values()}
    for one in found:
        if id(one) in pairs:
            yield Bundle("pair", tuple(map(flat, pairs[id(one)])))
        elif id(one) not in second:
            yield one


def _side(bundle: Bundle) -> tuple[Split | None, Hashable]:
    """Of which split the files are by their name, and what the name is without the word.

    Event files lie in folders that are called so.
    """
    path = PurePath(bundle.files[-1])
    name, others = path.name, (path.parent,)
    if EVENTS.fullmatch(name):
        name, others = path.parent.name, (path.parent.parent, "events")  # type: ignore[assignment]
    words = [*_WORD.finditer(name.lower())]
    if len(words) != 1 or bundle.kind not in ("file", "rotated", "series", "events"):
        return None, None
    word = words[0]
    return _WORDS[word[0]], (*others, name[: word.start()], name[word.end() :])
