"""The recommendation report as one HTML file that needs nothing else: no network, no script."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import jinja2
from markupsafe import Markup

from logparse.pages import opening, style
from logparse.pages.compared import compared
from logparse.pages.content import Compared, PageContent
from logparse.pages.data import embedded
from logparse.pages.entries import counts, entries
from logparse.pages.method import method
from logparse.pages.overall import overall
from logparse.pages.sections import section
from logparse.pages.verdict import verdict
from logparse.renderers import spans
from logparse.renderers.as_json import tool_version
from logparse.renderers.text import next_command
from logparse.rules import all_rules

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from logparse.comparison import Comparison
    from logparse.findings import Report
    from logparse.rules import Rule


def render(
    report: Report,
    comparison: Comparison | None = None,
    *,
    command: str = "",
    why_not_compared: str = "",
    made: datetime | None = None,
    rules: Sequence[Rule] | None = None,
) -> str:
    """The report, and the comparison of its runs, as the text of an HTML file (UTF-8).

    Equal arguments give an equal text. `command` is what was typed to make it, `made` when,
    `why_not_compared` why several runs come without a comparison, and `rules` those that judged,
    with their options as configured (else the shipped ones): for the thresholds that are told.
    """
    told = None if comparison is None else compared(comparison)
    if told is None and why_not_compared:
        told = Compared(why_not=why_not_compared)
    facts = tuple(opening.facts(report, command, made))
    page = content(report, told, facts, all_rules() if rules is None else rules)
    return _environment().get_template("page.html.j2").render(page=page)


def content(
    report: Report,
    told: Compared | None,
    facts: tuple[tuple[str, str], ...],
    rules: Sequence[Rule],
) -> PageContent:
    """What the page says, its figures drawn."""
    runs = entries(report)
    in_full = [one for one in runs if one.id]
    baseline = report.baseline.file if report.baseline else ""
    table = overall(runs)
    found = counts(finding for one in runs for finding in one.judged.findings)
    title = opening.title(runs)
    return PageContent(
        title=" · ".join([title, ", ".join(one.text for one in found) or "training report"]),
        heading=title,
        tool=f"logdiag {tool_version()}",
        facts=facts,
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
        method=method(runs, rules),
        next_command=next_command(report, [one.judged for one in in_full]) if report.runs else "",
        data=embedded(report),
    )


@cache
def _environment() -> jinja2.Environment:
    """Templates whose every text is made safe: controls are shown, then HTML is escaped."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("logparse.pages"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(style=style.style(), script=style.script(), policy=style.policy())
    environment.filters["data"] = Markup
    return environment


def _visible(value: object) -> object:
    """A text with everything in it that could steer a reader shown as an escape."""
    is_ours = isinstance(value, Markup | jinja2.Undefined)
    return value if is_ours else spans.escape(str(value))
