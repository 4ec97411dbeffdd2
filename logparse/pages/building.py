"""What a report says, from its runs and their comparison: for the page, and for paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.pages import opening
from logparse.pages.compared import compared
from logparse.pages.content import Compared, PageContent
from logparse.pages.entries import counts, entries
from logparse.pages.method import method
from logparse.pages.overall import overall
from logparse.pages.sections import section
from logparse.pages.verdict import verdict
from logparse.renderers.as_json import tool_version
from logparse.renderers.text import next_command
from logparse.rules import all_rules

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from logparse.comparison import Comparison
    from logparse.findings import Report
    from logparse.rules import Rule


def content(
    report: Report,
    comparison: Comparison | None = None,
    *,
    command: str = "",
    why_not_compared: str = "",
    made: datetime | None = None,
    rules: Sequence[Rule] | None = None,
) -> PageContent:
    """Everything that is said; arguments as in `html.render`."""
    runs = entries(report)
    in_full = [one for one in runs if one.id]
    table, told = overall(runs), _compared(comparison, why_not_compared)
    baseline = report.baseline.file if report.baseline else ""
    found = counts(finding for one in runs for finding in one.judged.findings)
    title = opening.title(runs)
    return PageContent(
        title=" · ".join([title, ", ".join(one.text for one in found) or "training report"]),
        heading=title,
        tool=f"logdiag {tool_version()}",
        facts=tuple(opening.facts(report, command, made)),
        sources=opening.sources(report),
        verdict=verdict(report, runs),
        contents=tuple(
            opening.contents(in_full, has_table=table is not None, is_compared=told is not None)
        ),
        runs=table,
        sections=tuple(
            section(one, baseline, one.label if len(runs) > 1 else opening.ONLY_RUN)
            for one in in_full
        ),
        compared=told,
        method=method(runs, all_rules() if rules is None else rules),
        next_command=next_command(report, [one.judged for one in in_full]) if report.runs else "",
    )


def _compared(comparison: Comparison | None, why_not: str) -> Compared | None:
    if comparison is not None:
        return compared(comparison)
    return Compared(why_not=why_not) if why_not else None
