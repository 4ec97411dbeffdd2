"""Two or more runs, or groups of runs, against each other.

Runs are the samples of every test here. Epochs of one run are not independent, and are never
counted as samples.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from logparse.comparison.facts import Facts
    from logparse.comparison.found import Found, Resolution
    from logparse.comparison.model import Axis, Measure, Row, Side, Value
    from logparse.comparison.options import Target
    from logparse.comparison.ranking import Ranking
    from logparse.comparison.regressions import Regression
    from logparse.comparison.scaling import ScalingFamily
    from logparse.comparison.tasks import Tasks
    from logparse.findings import SourceFailure

__all__ = ["Comparison"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Comparison:
    """What runs have in common, what differs, and what the difference is worth.

    sides        the runs or groups; the first is the reference of all changes
    main         the metric by which runs are judged, None where the sides have none in common
    axis, at     values are compared at this point of the axis, which all runs reach; None where
                 they have no such point
    target       what runs are to reach, for the time and epochs that they take
    measured     for each run of each side, everything that it has
    facts        settings and other facts that differ
    rows         measures with each side's values and its change against the reference
    found        findings of the rules, by side
    resolutions  what REP002 says of each side but the first
    regressions  the limits of `fail_if`, judged
    ranking, scaling, tasks  where they were asked for, or follow from what the runs are
    remarks      what one must know to read the numbers
    errors       what could not be read or compared

    `settings`, `metrics`, `findings` and `runs` are frames of the same.
    """

    sides: tuple[Side, ...]
    main: str | None
    axis: Axis
    at: float | None
    target: Target | None
    measured: tuple[tuple[Mapping[Measure, Value], ...], ...]
    facts: Facts
    rows: tuple[Row, ...]
    found: tuple[Found, ...]
    resolutions: tuple[Resolution, ...] = ()
    regressions: tuple[Regression, ...] = ()
    ranking: Ranking | None = None
    scaling: ScalingFamily | None = None
    tasks: Tasks | None = None
    remarks: tuple[str, ...] = ()
    errors: tuple[SourceFailure, ...] = ()

    @cached_property
    def settings(self) -> pd.DataFrame:
        """Facts that differ: `block, key`, then a column of texts for each side."""
        from logparse.comparison import tables

        return tables.settings(self)

    @cached_property
    def metrics(self) -> pd.DataFrame:
        """One row for each measure and side; see `logparse.comparison.tables.METRICS`."""
        from logparse.comparison import tables

        return tables.metrics(self)

    @cached_property
    def findings(self) -> pd.DataFrame:
        """`code, name, severity`, then for each side the number of its runs with the finding."""
        from logparse.comparison import tables

        return tables.findings(self)

    @cached_property
    def runs(self) -> pd.DataFrame:
        """One row for each run: where it comes from, every measure, settings that vary."""
        from logparse.comparison import tables

        return tables.runs(self)

    def _repr_html_(self) -> str:
        from logparse.comparison import tables

        return tables.html(self)

    def __repr__(self) -> str:
        labels = ", ".join(f"{side.label} ({len(side)})" for side in self.sides)
        return f"<Comparison of {labels}: {len(self.rows)} measures>"
