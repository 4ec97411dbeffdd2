"""Comparisons to overlay, from runs that a test makes."""

from __future__ import annotations

from collections.abc import Sequence

from logparse.comparison import Comparison
from logparse.comparison.comparing import compare_sides
from logparse.comparison.options import options
from logparse.run import Run
from tests.comparison.sides import side


def compared(*groups: Run | Sequence[Run], **asked: str) -> Comparison:
    """Sides `a`, `b`, ... of one run or several."""
    labels = (
        [f"side-{at}" for at in range(len(groups))]
        if len(groups) > 26
        else "abcdefghijklmnopqrstuvwxyz"
    )
    sides = [
        side(label, *([group] if isinstance(group, Run) else group))
        for label, group in zip(labels, groups, strict=False)
    ]
    return compare_sides(sides, options(**asked))  # type: ignore[arg-type]
