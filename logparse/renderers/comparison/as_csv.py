"""A table of the comparison as CSV: texts as the logs have them, a missing value empty."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, TextIO

from logparse.errors import UnknownNameError
from logparse.renderers.tabular import columns_and_rows, write_csv

if TYPE_CHECKING:
    from logparse.comparison import Comparison

TABLES = ("metrics", "runs", "settings", "findings")
"""The frames of a comparison that can be written."""


def render(comparison: Comparison, *, table: str | None = None) -> str:
    """The named table as a text; by default the runs of a ranking, else the metrics.

    UnknownNameError for no such table.
    """
    stream = io.StringIO()
    write(comparison, stream, table=table)
    return stream.getvalue()


def write(comparison: Comparison, stream: TextIO, *, table: str | None = None) -> None:
    """As `render`, to a stream; on a terminal every text is made safe to show."""
    name = table or ("metrics" if comparison.ranking is None else "runs")
    if name not in TABLES:
        raise UnknownNameError("table", name, TABLES)
    write_csv(stream, *columns_and_rows(getattr(comparison, name)))
