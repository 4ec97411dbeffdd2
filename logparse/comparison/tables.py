"""A comparison as frames: what is shown, and the data behind it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.comparison import Comparison
    from logparse.comparison.model import Change, Entrant, Row, Summary

METRICS = (
    *("task", "measure", "kind", "unit", "better", "side", "n", "lacking", "median", "mean", "sd"),
    *("epoch", "reference", "difference", "relative", "low", "high", "paired", "test", "p"),
    *("least_p", "p_holm", "noise_sd", "noises", "verdict"),
)
"""Columns of `Comparison.metrics`: a row for each measure and side. `epoch` is that of a single
run; from `difference` on the columns are about the change against the side `reference`."""


def settings(comparison: Comparison) -> pd.DataFrame:
    """See `Comparison.settings`; several values of a side are joined by commas."""
    labels = [side.label for side in comparison.sides]
    rows = [
        [fact.block, fact.key, *(", ".join(fact.distinct(at)) for at in range(len(labels)))]
        for fact in comparison.facts.differing
    ]
    return pd.DataFrame(rows, columns=["block", "key", *labels])


def metrics(comparison: Comparison) -> pd.DataFrame:
    """See `Comparison.metrics`."""
    told = (*comparison.rows, *(comparison.tasks.rows if comparison.tasks else ()))
    rows = [entry for row in told for entry in _entries(comparison, row)]
    return pd.DataFrame(rows, columns=list(METRICS))


def findings(comparison: Comparison) -> pd.DataFrame:
    """See `Comparison.findings`."""
    labels = [side.label for side in comparison.sides]
    rows = [[one.code, one.name, one.severity.value, *one.counts] for one in comparison.found]
    return pd.DataFrame(rows, columns=["code", "name", "severity", *labels])


def runs(comparison: Comparison) -> pd.DataFrame:
    """See `Comparison.runs`; settings are those that differ between any two runs."""
    numbers = comparison.measured
    taken = {measure.name for side in numbers for one in side for measure in one}
    taken |= {*_identity("", comparison.sides[0].entrants[0])}
    facts = {
        f"{fact.block}.{fact.key}" if fact.key in taken else fact.key: fact
        for fact in (*comparison.facts.differing, *comparison.facts.varying)
    }
    rows = []
    for at, side in enumerate(comparison.sides):
        for position, entrant in enumerate(side.entrants):
            row = _identity(side.label, entrant)
            for measure, value in numbers[at][position].items():
                row[measure.name] = value.number
                if value.epoch is not None:
                    row[f"{measure.name}_epoch"] = value.epoch
            row |= {name: fact.texts[at][position] for name, fact in facts.items()}
            rows.append(row)
    return pd.DataFrame(rows)


def html(comparison: Comparison) -> str:
    """The frames as HTML for a notebook; all text is escaped."""
    shown = {
        "Settings that differ": comparison.settings,
        "Metrics": comparison.metrics.dropna(axis="columns", how="all"),
        "Findings": comparison.findings,
    }
    parts = [f"<p>{escape(repr(comparison))}</p>"]
    for title, frame in shown.items():
        if len(frame):
            table = frame.to_html(index=False, na_rep="", border=0, float_format="{:.4g}".format)
            parts.append(f"<h4>{title}</h4>{table}")
    parts += [f"<p>{escape(remark)}</p>" for remark in comparison.remarks]
    parts += [f"<p>{escape(one.source)}: {escape(one.message)}</p>" for one in comparison.errors]
    return "\n".join(parts)


def _identity(label: str, entrant: Entrant) -> dict[str, Any]:
    run = entrant.run
    return {
        "side": label,
        "run": entrant.name,
        "source": run.source,
        "index": run.index,
        "until": entrant.until,
        "first_epoch": run.first_epoch,
        "last_epoch": run.last_epoch,
        "findings": " ".join(dict.fromkeys(one.code for one in entrant.judged.findings)),
    }


def _entries(comparison: Comparison, row: Row) -> Iterator[list[object]]:
    for side, told, change in zip(comparison.sides, row.summaries, row.changes, strict=True):
        measure = row.measure
        yield [
            *(row.task, measure.name, measure.kind, measure.unit, measure.better.value, side.label),
            *_summary(told),
            comparison.sides[0].label if change else None,
            *_change(change),
        ]


def _summary(told: Summary | None) -> list[object]:
    if told is None:
        return [0, None, None, None, None, None]
    epoch = told.values[0].epoch if told.n == 1 else None
    return [told.n, told.lacking, told.median, told.mean, told.sd, epoch]


def _change(change: Change | None) -> list[object]:
    if change is None:
        return [None] * 12
    return [
        *(change.difference, change.relative, change.low, change.high, change.is_paired),
        *(change.test or None, change.p, change.least_p, change.holm),
        *(change.noise_sd, change.noises, change.verdict.value),
    ]
