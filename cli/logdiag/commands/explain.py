"""`logdiag explain`: one rule in full."""

from __future__ import annotations

import inspect
import re
from dataclasses import fields
from typing import TYPE_CHECKING, Annotated

import typer

from logdiag.commands.rules import table
from logdiag.console import output
from logdiag.settings import ConfigFile, Isolated, configuration
from logparse.findings import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.configuration import Configuration
    from logparse.renderers.layout import Page
    from logparse.renderers.settings import Setting
    from logparse.renderers.spans import Line, Span
    from logparse.rules.base import Rule

_LABEL, _TICKS = re.compile(r"[A-Z][A-Za-z ]{2,40}:(?=\s)"), re.compile("`+")
_ITEM = re.compile(r"(?:[-*]|\d+[.)]?) +")


def run(
    rule: Annotated[
        str, typer.Argument(metavar="CODE_OR_NAME", help="LR001, early-lr-drop, or LR.")
    ],
    config: ConfigFile = None,
    isolated: Isolated = False,
) -> None:
    """Explain one rule: its test, its reasons, its limits; of a family list the rules."""
    from logparse.rules import select_rules

    found = select_rules([rule])
    settings = configuration(config, isolated)
    with output() as console:
        page = console.page
        console.write(
            _explained(found[0], settings, page) if len(found) == 1 else table(found, page)
        )


def _explained(rule: Rule, settings: Configuration, page: Page) -> Iterator[Line]:
    from logparse.renderers.rule_docs import while_it_goes_on
    from logparse.renderers.settings import severity_of

    severity = severity_of(settings, rule)
    style = str(severity.value)
    title = (page.span(rule.code, style), page.span(f" {rule.name}", "title"))
    yield (*title, page.span(f"  {style}", style), *_instead(severity, page))
    for paragraph in (inspect.getdoc(rule) or "").split("\n\n"):
        yield ()
        yield from _paragraph(paragraph, page)
        if paragraph.startswith("Source:"):
            yield from _sources(paragraph, page)
    yield from _needs(rule, page)
    yield ()
    yield (page.span("While a run goes on: ", "title"), page.span(while_it_goes_on(rule)))
    yield from _relations(rule, page)
    yield from _options(rule, settings, page)
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


def _relations(rule: Rule, page: Page) -> Iterator[Line]:
    from logparse.renderers.rule_docs import relations

    for label, codes in relations(rule).items():
        head = page.span(f"{label}: ", "title")
        yield ()
        yield from page.fill([page.span(code) for code in codes], first=(head,), hang=7)


def _options(rule: Rule, settings: Configuration, page: Page) -> Iterator[Line]:
    """Every option with its value in effect, and its sentence."""
    from logparse.renderers.settings import options_of

    if fields(rule):
        yield ()
        yield (page.span("Options:", "title"),)
    for option, setting in zip(fields(rule), options_of(settings, rule), strict=True):
        value = page.span(f" = {setting.value!r}", "dim")
        yield (page.span(f"  {option.name}", "code"), value, *_instead(setting, page))
        yield from page.fill(
            page.words(" ".join(str(option.metadata.get("doc", "")).split())),
            first=(("      ", ""),),
            hang=6,
        )


def _instead(setting: Setting, page: Page) -> Line:
    """Where a value comes from and what it would be, if a configuration gives it."""
    from logparse.renderers.settings import DEFAULT

    if setting.origin == DEFAULT:
        return ()
    default = setting.default if setting.key == "severity" else repr(setting.default)
    return (page.span(f"  ({setting.origin}; default {default})", "dim"),)
