"""How figures are written: tables, and the interval of a share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import sqrt

_Z95 = 1.959964  # the normal distribution's, for 95% on two sides


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Wilson's score interval, 95%, of a share: the least and the greatest plausible rate.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    Journal of the American Statistical Association 22 (1927), 209-212.
    """
    share, spread = hits / of, _Z95**2 / of
    middle = share + spread / 2
    half = sqrt(spread * (share * (1 - share) + spread / 4))
    return max(0.0, (middle - half) / (1 + spread)), min(1.0, (middle + half) / (1 + spread))


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; what would break a cell is taken out of it."""
    lines = [heads, ["---"] * len(heads), *rows]
    cells = ([" ".join(cell.replace("|", "\\|").split()) for cell in line] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)
