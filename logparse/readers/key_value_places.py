"""Where a line stands in a run whose program counts steps anew in each epoch, or does not."""

from __future__ import annotations

from math import isnan


class Place:
    """The epoch and the step that the lines so far have come to.

    `last` is the step as printed; `is_open` is False where the epoch was summed up.
    """

    def __init__(self) -> None:
        self.epoch: float | None = None
        self.step: float | None = None
        self.last = 0.0
        self.is_open = False
        self._base = 0.0
        self._is_new = False

    @property
    def coming(self) -> float | None:
        """The epoch of what happens next; None where the log counts none."""
        if self.epoch is None:
            return None
        return self.epoch if self.is_open else self.epoch + 1

    def enter(self, epoch: float) -> None:
        """Come to another epoch; one that is no later begins the count of steps anew."""
        if self.epoch is not None and epoch < self.epoch:
            self._base, self.last, self.step = 0.0, 0.0, None
        self._is_new, self.epoch = self.epoch is not None, epoch

    def count(self, step: float, length: float, *, is_global: bool) -> None:
        """Come to a step, of `length` in an epoch or NaN; where steps fall back, they go on."""
        if self._is_new and step <= self.last and not is_global:
            self._base += self.last if isnan(length) or length < self.last else length
        self._is_new, self.last = False, step
        self.step = step if is_global else self._base + step
