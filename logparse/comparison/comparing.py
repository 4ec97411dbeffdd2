"""Sides and options to a `Comparison`."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from logparse.comparison import Comparison, measures
from logparse.comparison.facts import compared_facts
from logparse.comparison.found import compared_findings
from logparse.comparison.ledger import ledger
from logparse.comparison.many import ranking_of, scaling_of
from logparse.comparison.regressions import judged
from logparse.comparison.remarks import remarks, seed_of
from logparse.comparison.resolving import resolutions
from logparse.comparison.rows import Pairs, rows
from logparse.errors import ComparisonError
from logparse.findings import SourceFailure

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from logparse.comparison.ledger import Ledger
    from logparse.comparison.model import Measure, Regression, Row, Side
    from logparse.comparison.options import Options
