"""What a user says of columns: which printed name stands for which, and which way is better."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.errors import UnknownNameError
from logparse.metrics import METRICS, Better
from logparse.readers.points.meanings import AXES, Hints, meaning

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_WAYS = (Better.HIGHER.value, Better.LOWER.value)


def hints_from(
    map: Mapping[str, str | Sequence[str]] | None = None,
    better: Mapping[str, str] | None = None,
    *,
    beside: Hints | None = None,
) -> Hints:
    """Hints from names of columns (`train_loss`, or `loss` for short) to the names printed.

    `better` says `higher` or `lower` of a column, or of a printed name. `beside` are hints that
    these beat. Raises UnknownNameError for a column that there is none of, and for another way.
    """
    before = beside or Hints()
    given = (map or {}).items()
    names = {name: _column(key) for key, printed in given for name in _each(printed)}
    joined = {**before.names, **names}
    ways = {meaning(joined.get(n, n)).column: _way(way) for n, way in (better or {}).items()}
    return Hints(joined, {**before.better, **ways})


def known_columns() -> tuple[str, ...]:
    """The names that a column may be called by."""
    short = (name.removeprefix("train_") for name in METRICS if name.startswith("train_"))
    return tuple(dict.fromkeys((*METRICS, *AXES, *short)))


def _column(name: str) -> str:
    meant = meaning(name)
    if not meant.known:
        raise UnknownNameError("column", name, known_columns())
    return meant.column


def _each(printed: str | Sequence[str]) -> Iterator[str]:
    yield from (printed,) if isinstance(printed, str) else printed


def _way(text: str) -> Better:
    if text not in _WAYS:
        raise UnknownNameError("direction", text, _WAYS)
    return Better(text)
