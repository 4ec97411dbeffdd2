"""The recommendation report as Markdown: what a pull request gets, without its limit of length."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.renderers import markdown
from logparse.renderers.comparison import markdown as comparing
from logparse.renderers.markup import code, prose

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from logparse.comparison import Comparison
    from logparse.findings import Report
    from logparse.rules import Rule

_NO_LIMIT = 1 << 40


def render(
    report: Report,
    comparison: Comparison | None = None,
    *,
    command: str = "",
    why_not_compared: str = "",
    made: datetime | None = None,
    rules: Sequence[Rule] | None = None,
) -> str:
    """The report as text; arguments as in `html.render`, but it tells no thresholds of `rules`."""
    parts = [markdown.render(report, run="all", limit=_NO_LIMIT)]
    if comparison is not None:
        parts.append(comparing.render(comparison, limit=_NO_LIMIT))
    elif why_not_compared:
        parts.append(f"**Not compared:** {prose(why_not_compared)}\n")
    parts += [f"{line}\n" for line in _origin(command, made)]
    return "\n".join(parts)


def _origin(command: str, made: datetime | None) -> Iterator[str]:
    told = [f"made by {code(command)}"] if command else []
    told += [f"{made:%Y-%m-%d %H:%M} UTC"] if made is not None else []
    if told:
        yield f"*{', '.join(told)}*"
