"""What a run is, apart from how it went: settings, size, geometry, machine; and what differs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from logparse.comparison.model import Side
    from logparse.run import Run

BLOCKS = ("hyperparameters", "model", "batch", "optimizer", "environment", "baselines")

Key: TypeAlias = tuple[str, str]
Known: TypeAlias = "dict[Key, tuple[object, str]]"
"""Block and key -> what is compared, and the text that is shown."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A setting or fact that differs: the texts of each side's runs, in order; '' for absent.

    `block` is one of hyperparameters, model, batch, optimizer, environment, baselines, log.
    """

    block: str
    key: str
    texts: tuple[tuple[str, ...], ...]

    def distinct(self, side: int) -> tuple[str, ...]:
        """The texts of a side, each once."""
        return tuple(dict.fromkeys(self.texts[side]))


@dataclass(frozen=True, slots=True)
class Facts:
    """What differs between the sides, of how many keys; what varies only within sides."""

    differing: tuple[Fact, ...] = ()
    varying: tuple[Fact, ...] = ()
    compared: int = 0


def facts_of(run: Run) -> Known:
    """Everything that the log declares of the run, by block and key."""
    found: Known = {}
    for key, value in run.settings.items():
        text = run.settings.raw.get(key, str(value))
        found["hyperparameters", key] = (_comparable(value, text), text)
    for block, mapping in (
        ("model", run.model),
        ("batch", run.batch),
        ("optimizer", run.optimizer),
        ("environment", _environment(run)),
        ("baselines", run.baselines),
    ):
        for key, value in mapping.items():
            if value is not None:
                text = _text(value)
                found[block, key] = (_comparable(value, text), text)
    return found


def compared_facts(sides: Sequence[Side]) -> Facts:
    """The facts in which sides differ, and those that vary within them only."""
    known = [[facts_of(entrant.run) for entrant in side.entrants] for side in sides]
    differing, varying = [], []
    keys = sorted({key for side in known for one in side for key in one}, key=_in_order(known))
    for key in keys:
        values = [{_value(one, key) for one in side} for side in known]
        texts = _texts(known, key)
        if any(side != values[0] for side in values):
            differing.append(Fact(*key, texts))
        elif len(values[0]) > 1:
            varying.append(Fact(*key, texts))
    return Facts(tuple(differing), tuple(varying), len(keys))


def text_of(run: Run, key: str) -> str | None:
    """The text of a setting, else of another fact, under this name in any case."""
    for (_, name), (_, text) in facts_of(run).items():
        if name.casefold() == key.casefold():
            return text
    return None


def _environment(run: Run) -> Mapping[str, object]:
    env = run.micro.get("env")
    return {str(key): value for key, value in env.items()} if isinstance(env, dict) else {}


def _text(value: object) -> str:
    """A fact as it is shown: sizes as printed, the items of a list."""
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value))
    return str(getattr(value, "text", value))


def _comparable(value: object, text: str) -> object:
    """Equal for values that mean the same: 1e-5 and 0.00001, 3 and 3.0; True is not 1."""
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, int | float):
        return value if value == value else "nan"
    return text


def _in_order(known: Sequence[Sequence[Known]]) -> _Order:
    return _Order(key for side in known for one in side for key in one)


class _Order:
    """Sorts keys by block, then by where they were first met."""

    def __init__(self, keys: Iterator[Key]) -> None:
        self._met = {key: at for at, key in enumerate(dict.fromkeys(keys))}

    def __call__(self, key: Key) -> tuple[int, int]:
        return BLOCKS.index(key[0]), self._met[key]


def _value(one: Known, key: Key) -> object:
    return one[key][0] if key in one else None


def _texts(known: Sequence[Sequence[Known]], key: Key) -> tuple[tuple[str, ...], ...]:
    """Each side's texts; one text for each value, however differently it is printed."""
    shown: dict[object, str] = {}
    return tuple(
        tuple(shown.setdefault(*one[key]) if key in one else "" for one in side) for side in known
    )
