"""A rule's specification, its docstring, in the words of other formats."""

from __future__ import annotations

import inspect
import re
from dataclasses import fields
from typing import TYPE_CHECKING

from logparse.findings import plural
from logparse.renderers.markup import prose
from logparse.rules.sources import cited

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.rules.base import Rule

_LABEL = re.compile(r"[A-Z][A-Za-z ]{2,40}:(?=\s)")
_CODE = re.compile(r"(`+[^`]+`+)")


def summary(rule: Rule) -> str:
    """The first sentence of the rule's specification, on one line."""
    text = " ".join(_paragraphs(rule)[0].split())
    return re.split(r"(?<=[.!?]) (?=[A-Z])", text, maxsplit=1)[0]


def description(rule: Rule) -> str:
    """The first paragraph, and what the rule does where the second one says it; on one line."""
    first, *rest = (" ".join(paragraph.split()) for paragraph in _paragraphs(rule))
    label, _, does = rest[0].partition(": ") if rest else ("", "", "")
    return f"{first} {does[0].upper()}{does[1:]}" if label == "What it does" and does else first


def specification(rule: Rule) -> str:
    """The whole docstring as it is written."""
    return inspect.getdoc(rule) or ""


def relations(rule: Rule) -> dict[str, tuple[str, ...]]:
    """What the rule knows of others, label -> codes; labels without codes are left out."""
    known = {"Caused by": rule.caused_by, "Hides": rule.hides}
    return {label: codes for label, codes in known.items() if codes}


def while_it_goes_on(rule: Rule) -> str:
    """When a finding of the rule is raised while the run goes on, in a few words."""
    if rule.needs_end:
        return "judged at its end only."
    if not rule.settles_in:
        return "raised at once."
    return f"raised once it has stood for {plural(rule.settles_in, 'epoch')}."


def as_markdown(rule: Rule) -> str:
    """The whole docstring with its labels in bold, the sources it cites, and the options."""
    return "\n\n".join(_blocks(rule))


def _paragraphs(rule: Rule) -> list[str]:
    return specification(rule).split("\n\n")


def labelled(rule: Rule) -> Iterator[tuple[str, str]]:
    """The paragraphs of the docstring: `What it does:` and what follows; '' for no label."""
    for paragraph in _paragraphs(rule):
        label = _LABEL.match(paragraph)
        yield (label[0], paragraph[label.end() :]) if label else ("", paragraph)


def _blocks(rule: Rule) -> Iterator[str]:
    for label, text in labelled(rule):
        yield (f"**{label}**" if label else "") + _inline(text)
        if label == "Source:" and (sources := cited(text)):
            yield "\n".join(f"- {tag}: {prose(meaning)}" for tag, meaning in sources.items())
    if options := fields(rule):
        yield "**Options:**"
        yield "\n".join(
            f"- `{one.name} = {one.default!r}`: {_inline(one.metadata.get('doc', ''))}"
            for one in options
        )


def _inline(text: str) -> str:
    """The text with its code spans kept, and nothing else in it that Markdown would read."""
    lines = (_CODE.split(line) for line in text.splitlines())
    return "\n".join("".join(_part(part) for part in parts) for parts in lines)


def _part(text: str) -> str:
    return text if _CODE.fullmatch(text) else prose(text)
