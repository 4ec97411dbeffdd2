"""The recommendation report as one HTML file that needs nothing else: no network, no script."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import jinja2
from markupsafe import Markup

from logparse.pages import style
from logparse.pages.building import content
from logparse.pages.data import embedded
from logparse.pages.figures import svg
from logparse.renderers import spans

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
    page = content(
        report,
        comparison,
        command=command,
        why_not_compared=why_not_compared,
        made=made,
        rules=rules,
    )
    template = _environment().get_template("page.html.j2")
    return template.render(page=page, data=Markup(embedded(report)))


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
    environment.filters["svg"] = svg
    return environment


def _visible(value: object) -> object:
    """A text with everything in it that could steer a reader shown as an escape."""
    is_ours = isinstance(value, Markup | jinja2.Undefined)
    return value if is_ours else spans.escape(str(value))
