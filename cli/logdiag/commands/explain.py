"""`logdiag explain`: one rule in full."""

from __future__ import annotations

import inspect
import re
from dataclasses import MISSING, Field, fields
from typing import TYPE_CHECKING, Annotated

import typer

from logdiag.commands.rules import table
from logdiag.console import output
from logparse.findings import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.renderers.layout import Page
    from logparse.renderers.spans import Line, Span
    from logparse.rules.base import Rule

_LABEL, _TICKS = re.compile(r"[A-Z][A-Za-z ]{2,40}:(?=\s)"), re.compile("`+")
_ITEM = re.compile(r"(?:[-*]|\d+[.)]?) +")


def run(
    rule: Annotated[
        str, typer.Argument(metavar="CODE_OR_NAME", help="LR001, early-lr-drop, or LR.")
    ],
) -> None:
    """Explain one rule: its test, its reasons, its limits; of a family list the rules."""
    from logparse.rules import select_rules

    found = select_rules([rule])
    with output() as console:
        one = len(found) == 1
        console.write(_explained(found[0], console.page) if one else table(found, console.page))


def _explained(rule: Rule, page: Page) -> Iterator[Line]:
    style = rule.severity.value
    title = (page.span(rule.code, style), page.span(f" {rule.name}", "title"))
    yield (*title, page.span(f"  {style}", style))
    for paragraph in (inspect.getdoc(rule) or "").split("\n\n"):
        yield ()
        yield from _paragraph(paragraph, page)
        if paragraph.startswith("Source:"):
            yield from _sources(paragraph, page)
    yield from _needs(rule, page)
    yield from _options(rule, page)
    yield ()
    command = f"logdiag analyze run.log --select {rule.code}"
    yield (page.span("next  ", "dim"), page.span(command, "code"))


def _paragraph(text: str, page: Page) -> Iterator[Line]:
    """One paragraph re-wrapped; items of a list stay apart, under a hanging indent."""
    blocks: list[tuple[str, str]] = []
    for line in text.splitlines():
        mark = _ITEM.match(line.strip())
        if mark is None and blocks:
            head, body = blocks[-1]
            blocks[-1] = (head, f"{body} {line.strip()}")
        else:
            head = mark[0] if mark else ""
            blocks.append((f"  {head}" if head else "", line.strip().removeprefix(head)))
    for head, body in blocks:
        yield from page.fill(_words(body, page), first=((head, "dim"),), hang=len(head))


def _sources(paragraph: str, page: Page) -> Iterator[Line]:
    """What the tags of the paragraph stand for."""
    from logparse.rules.sources import cited

    for tag, meaning in cited(paragraph).items():
        yield from page.fill(page.words(meaning), first=((f"  {tag:4} ", "dim"),), hang=7)


def _words(text: str, page: Page) -> Iterator[Span]:
    """Words; those in backticks as code, and a label before the first colon as a title."""
    label = _LABEL.match(text)
    if label:
        yield from page.words(label[0], "title")
    is_code = False
    for word in text[label.end() if label else 0 :].split():
        ticks = len(_TICKS.findall(word))
        yield page.span(_TICKS.sub("", word), "code" if is_code or ticks else "")
        is_code ^= ticks % 2 == 1


def _needs(rule: Rule, page: Page) -> Iterator[Line]:
    items = [(page.span(need),) for need in rule.needs]
    if rule.min_epochs:
        items.append((page.span(plural(rule.min_epochs, "epoch")),))
    if items:
        yield ()
        yield from page.flow(items, first=(page.span("Needs: ", "title"),), hang=7)


def _options(rule: Rule, page: Page) -> Iterator[Line]:
    options = fields(rule)
    if not options:
        return
    yield ()
    yield (page.span("Options:", "title"),)
    for option in options:
        head = (page.span(f"  {option.name}", "code"), page.span(f" = {_default(option)}", "dim"))
        yield head
        yield from page.fill(
            page.words(" ".join(str(option.metadata.get("doc", "")).split())),
            first=(("      ", ""),),
            hang=6,
        )


def _default(option: Field[object]) -> str:
    if option.default is not MISSING:
        return repr(option.default)
    return repr(option.default_factory()) if option.default_factory is not MISSING else "required"
