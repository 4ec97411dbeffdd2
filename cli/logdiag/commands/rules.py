"""`logdiag rules`: what logdiag can find."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from logdiag.console import output
from logparse.renderers.layout import Page, pad
from logparse.renderers.rule_docs import summary
from logparse.renderers.spans import Line, cells

_LEAST_SUMMARY = 50

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from logparse.rules.base import Rule


def run(
    format: Annotated[Literal["text", "json"], typer.Option(help="Form of the list.")] = "text",
) -> None:
    """List every rule with what it says in one line."""
    from logparse.rules import all_rules

    rules = all_rules()
    with output() as console:
        if format == "json":
            console.stream.write(json.dumps([_entry(rule) for rule in rules], indent=2) + "\n")
        else:
            console.write(table(rules, console.page))


def _entry(rule: Rule) -> dict[str, str]:
    return {
        "code": rule.code,
        "name": rule.name,
        "severity": rule.severity.value,
        "summary": summary(rule),
    }


def table(rules: Sequence[Rule], page: Page) -> Iterator[Line]:
    """Families apart, columns aligned, summaries wrapped under themselves."""
    name = max((cells(rule.name) for rule in rules), default=0)
    is_first = True
    for _, family in groupby(rules, key=lambda rule: rule.code.rstrip("0123456789")):
        if not is_first:
            yield ()
        is_first = False
        for rule in family:
            yield from _row(rule, page, name)
    yield ()
    yield (page.span("next  ", "dim"), page.span("logdiag explain CODE", "code"))


def _row(rule: Rule, page: Page, name: int) -> Iterator[Line]:
    style = rule.severity.value
    head: Line = (
        pad(page.span(rule.code, "title"), 9),
        pad(page.span(style, style), 9),
        pad(page.span(rule.name, "metric"), name + 2),
    )
    # A narrow column of prose is hard to read, so the summary goes below where it would be one.
    hang = 18 + name + 2
    if page.width - hang < _LEAST_SUMMARY:
        yield head
        head, hang = ((" " * 9, ""),), 9
    yield from page.fill(page.words(summary(rule)), first=head, hang=hang)
