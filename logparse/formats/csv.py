"""Generic CSV: a header, one of whose columns has a meaning that is known, and rows of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.readers.cells import SEPARATORS, number_of, split
from logparse.readers.tables import TableReader

if TYPE_CHECKING:
    from collections.abc import Sequence

_LINES = 50
"""Lines at a beginning that are looked at, and of which half must be rows of a table."""


class CsvReader(TableReader):
    """Reads tables with the separators , ; tab and |."""

    format = "csv"
    about = "CSV of any program: train and validation metrics, lr, step, epoch by their names"
    is_generic = True
    rank = 20

    @classmethod
    def fits(cls, names: Sequence[str]) -> bool:
        return False

    @classmethod
    def begins(cls, head: bytes) -> bool:
        """True for lines of equally many cells, most of which are numbers or nothing.

        Whether a header names columns of a known meaning is for the reader to tell.
        """
        lines = head[: 1 << 16].decode("utf-8", "replace").lstrip("\ufeff").splitlines()
        lines = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
        if head.count(b"\n") and not head.endswith((b"\n", b"\r")):
            lines = lines[:-1]
        return any(_is_table(lines[:_LINES], separator) for separator in SEPARATORS)


def _is_table(lines: Sequence[str], separator: str) -> bool:
    rows = [split(line, separator) or [] for line in lines]
    numbers = [sum(number_of(cell, separator) is not None for cell in row) for row in rows]
    counts = [len(row) for row, many in zip(rows, numbers, strict=True) if len(row) > 1 and many]
    usual = max(set(counts), key=counts.count, default=0)
    return counts.count(usual) * 2 > len(lines) - 1 > 0 if usual else False
