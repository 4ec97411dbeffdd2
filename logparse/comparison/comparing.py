"""Sides and options to a `Comparison`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from logparse.comparison import Comparison
    from logparse.comparison.model import Side
    from logparse.comparison.options import Options
    from logparse.findings import SourceFailure


def compare_sides(
    sides: Sequence[Side], options: Options, errors: Sequence[SourceFailure] = ()
) -> Comparison:
    """The sides against the first of them. Raises ComparisonError where there are fewer than two.

    `errors` are what could not be read; what cannot be compared is added to them.
    """
    raise NotImplementedError
