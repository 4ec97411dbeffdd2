"""Settings as a log declares them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from logparse.records import Literal, Setting


class Pickled:
    """Views of dicts can be neither pickled nor copied: they travel as the dicts they show."""

    def __getstate__(self) -> dict[str, object]:
        return {
            name: dict(value) if isinstance(value, MappingProxyType) else value
            for name, value in vars(self).items()
        }

    def __setstate__(self, state: dict[str, object]) -> None:
        vars(self).update(
            (name, MappingProxyType(value) if isinstance(value, dict) else value)
            for name, value in state.items()
        )


class Settings(Pickled, Mapping[str, "Literal"]):
    """Settings as the log declares them: typed by a guess, with the raw text and line kept."""

    def __init__(
        self, values: Mapping[str, Literal], raw: Mapping[str, str], lines: Mapping[str, int]
    ) -> None:
        self._values = MappingProxyType(dict(values))
        self.raw = MappingProxyType(dict(raw))
        self.lines = MappingProxyType(dict(lines))

    @classmethod
    def of(cls, declared: Mapping[str, Setting]) -> Settings:
        """The settings of these records, by key."""
        return cls(
            {key: setting.value for key, setting in declared.items()},
            {key: setting.raw for key, setting in declared.items()},
            {key: setting.line for key, setting in declared.items()},
        )

    def __getitem__(self, key: str) -> Literal:
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Settings({dict(self._values)!r})"

    def number(self, key: str) -> float | None:
        """The setting as a finite float; None when absent or no number, as True and False."""
        value = self._values.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return float(value) if abs(value) <= sys.float_info.max else None
