"""The comparison as CSV: the frames as they are, chosen by name."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from logparse.comparison import Comparison
from logparse.errors import UnknownNameError
from logparse.renderers import render as render_as
from logparse.renderers.comparison.as_csv import TABLES, render, write
from tests.comparison.comparisons import pair, ranked

EVIL = "\x1b[2J"


def with_frames(given: Comparison) -> Comparison:
    """The comparison with a frame of one row for each table."""
    made = replace(given)
    for table in TABLES:
        values: dict[str, Any] = {table: [EVIL], "value": [0.1 + 0.2], "none": [float("nan")]}
        # Frames are computed once and kept under their name; these stand in for them.
        vars(made)[table] = pd.DataFrame(values)
    return made


class Terminal(io.StringIO):
    """A text stream that claims to be a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("table", TABLES)
def test_a_table_keeps_what_the_logs_hold(table: str) -> None:
    text = render(with_frames(pair()), table=table)
    assert text == f"{table},value,none\n{EVIL},0.30000000000000004,\n"
    assert pd.read_csv(io.StringIO(text))["value"].tolist() == [0.1 + 0.2]


def test_metrics_are_written_unless_runs_are_ranked() -> None:
    assert render_as(with_frames(pair()), "csv").startswith("metrics,")
    assert render_as(with_frames(ranked()), "csv").startswith("runs,")
    assert render_as(with_frames(ranked()), "csv", table="metrics").startswith("metrics,")


def test_a_name_cannot_steer_a_terminal() -> None:
    made, stream = with_frames(pair()), Terminal()
    vars(made)["runs"] = made.runs.rename(columns={"value": EVIL})
    write(made, stream, table="runs")
    assert stream.getvalue() == "runs,\\x1b[2J,none\n\\x1b[2J,0.30000000000000004,\n"


def test_a_table_that_there_is_not_is_an_error() -> None:
    with pytest.raises(UnknownNameError, match="did you mean metrics"):
        render(pair(), table="metric")
