"""How a run's epochs are numbered: the interval at which they are logged, and what is left out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST_STEPS = 3
"""Fewer steps of one length make no interval, unless there are no others and they start there."""


@dataclass(frozen=True, slots=True)
class Gap:
    """The epochs between two logged ones that should be there too, `step` apart."""

    since: int
    until: int
    step: int

    @property
    def missing(self) -> int:
        """How many there are."""
        return (self.until - self.since - 1) // self.step

    @property
    def is_empty(self) -> bool:
        """True when the one follows the other."""
        return self.missing < 1

    @property
    def span(self) -> tuple[int, int]:
        """The first and the last of them."""
        return self.since + self.step, self.since + self.missing * self.step


def gaps(numbers: Sequence[int], step: int) -> tuple[Gap, ...]:
    """The gaps in a run's epochs, which are logged every `step`."""
    return tuple(Gap(a, b, step) for a, b in pairwise(numbers) if b - a > step)


def usual_step(numbers: Sequence[int]) -> int:
    """The logging interval: the commonest step if it is that of most steps, else 1."""
    steps = Counter(b - a for a, b in pairwise(numbers))
    step, times = steps.most_common(1)[0] if steps else (1, 0)
    if len(steps) == 1 and starts_at_first(numbers, step):
        times += 1
    return step if times >= LEAST_STEPS and 2 * times > steps.total() else 1


def starts_at_first(numbers: Sequence[int], step: int) -> bool:
    """True where the first line is that of the first epoch, or of the end of the first interval."""
    return bool(numbers) and numbers[0] in (0, 1, step - 1, step)
