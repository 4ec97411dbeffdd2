"""How pictures look: colours by role, for paper and for the dark; sizes.

Colours are told apart by people with any of the usual colour blindnesses and have a contrast of at
least 3:1 with the paper, those that texts are written in 4.5:1 (WCAG 2.2); tests measure both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LIGHT: Mapping[str, str] = MappingProxyType(
    {
        "paper": "#ffffff", "ink": "#1b1f24", "muted": "#5b6470", "grid": "#dfe3e8",
        "shade": "#f1f3f6", "train": "#6f7783", "val": "#1a6fd0", "total": "#1c2026",
        "reference": "#6a4b00", "error": "#b3261e", "warning": "#8f5b00", "note": "#3d5f8c",
        "part0": "#1a6fd1", "part1": "#c2560c", "part2": "#00695a", "part3": "#7e2c82",
        "part4": "#604c1c", "part5": "#5b6471", "part6": "#c2367f",
    }
)  # fmt: skip
DARK: Mapping[str, str] = MappingProxyType(
    {
        "paper": "#15181d", "ink": "#e8eaed", "muted": "#a0a8b3", "grid": "#2e343c",
        "shade": "#1c2026", "train": "#8e97a4", "val": "#5aa5f5", "total": "#e9ebee",
        "reference": "#d9b36c", "error": "#ff8a80", "warning": "#f2c14e", "note": "#9dbbe6",
        "part0": "#5aa5f4", "part1": "#e8895f", "part2": "#2ce3b8", "part3": "#e6bcf8",
        "part4": "#b8980f", "part5": "#a0a8b4", "part6": "#ff8fb8",
    }
)  # fmt: skip
"""No two roles share a colour in one table, so that a page can turn colours into its own."""


@dataclass(frozen=True, slots=True)
class Look:
    """Width in inches, colours by role, and the size of usual text in points."""

    width_in: float = 8.0
    colours: Mapping[str, str] = field(default_factory=lambda: LIGHT)
    text_pt: float = 8.0

    def colour(self, role: str) -> str:
        """The colour of a role, that of `muted` for one that is not known."""
        return self.colours.get(role, self.colours["muted"])

    @property
    def small_pt(self) -> float:
        """For what is looked up rather than read: ticks of colours, rows, codes, phases."""
        return self.text_pt * 0.85

    @property
    def title_pt(self) -> float:
        """For the picture's title; those of panels are between it and usual text."""
        return self.text_pt * 1.5
