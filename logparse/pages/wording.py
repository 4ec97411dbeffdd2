"""Texts of the page that several parts of it have in common."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from logparse.findings import plural
from logparse.pages.content import Link, Step
from logparse.renderers.diagnosis import ran, why_unjudged
from logparse.renderers.layout import Page
from logparse.renderers.markup import EDIT
from logparse.weighing import first_step

if TYPE_CHECKING:
    from collections.abc import Iterable

    from logparse.findings import RunReport
    from logparse.pages.content import Coded, Styled
    from logparse.pages.entries import Entry
    from logparse.renderers.spans import Line

WIDE = Page(width=100_000)
"""Nothing is broken into lines: the browser does that."""

_CODE = re.compile(r"`+([^`]+)`+")


def remedy(text: str) -> Coded:
    """Something to try: an edit of a setting is code."""
    return text, bool(EDIT.fullmatch(text))


def inline(text: str) -> tuple[Coded, ...]:
    """A text in which backticks stand around code."""
    parts = _CODE.split(" ".join(text.split()))
    return tuple((part, bool(at % 2)) for at, part in enumerate(parts) if part)


def styled(lines: Iterable[Line]) -> tuple[tuple[Styled, ...], ...]:
    """Lines of spans for the page, without what only aligns them."""
    return tuple(tuple(span for span in line if span[0].strip()) for line in lines)


def silence(judged: RunReport) -> str:
    """What is said of a run without findings, which is never that it is well."""
    if why := why_unjudged(judged):
        return f"Nothing was judged: {why}."
    new, count = "new " * bool(judged.known), ran(judged)
    could_not = len(judged.checks) - count
    rest = f"; {could_not} of {len(judged.checks)} could not run" * bool(could_not)
    return f"No {new}symptom found by the {plural(count, 'check')} that ran{rest}."


def first(entry: Entry) -> Step | None:
    """The one thing to do first about a run; None where there is none."""
    step = first_step(entry.judged.findings)
    if step is None:
        return None
    asks = next(one for one in entry.judged.findings if one.code == step.code)
    return Step(
        remedy(step.remedy),
        Link(f"{step.code} {step.name}", entry.card_id(asks)),
        ", ".join(step.explains),
        (entry.link,),
    )
