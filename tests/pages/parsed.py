"""A page as a tree, for tests to look into; what is not well-formed is a failure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

INLINE = {"#text", "a", "button", "code", "span", "strong"}
VOID = {"meta", "link", "br", "hr", "img", "input", "col", "wbr"}


@dataclass
class Element:
    """An element with its attributes and children; texts are children without a name of HTML's."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[Element]:
        """This element and all below it, in the order of the page."""
        yield self
        for child in self.children:
            yield from child

    def all(self, name: str, **wanted: str) -> list[Element]:
        """All below of this name, with these attributes (`class_` one of the classes)."""
        return [one for one in self if one.name == name and one.has(**wanted)]

    def one(self, name: str, **wanted: str) -> Element:
        """The only one of `all`."""
        (found,) = self.all(name, **wanted)
        return found

    def has(self, class_: str = "", **wanted: str) -> bool:
        is_of = not class_ or class_ in self.attributes.get("class", "").split()
        return is_of and all(self.attributes.get(key) == value for key, value in wanted.items())

    @property
    def text(self) -> str:
        """Everything that is read in it, blanks joined; scripts and styles are not read."""
        return " ".join("".join(self._pieces()).split())

    def _pieces(self) -> Iterator[str]:
        yield from self.texts
        for child in self.children:
            if child.name not in ("script", "style"):
                yield "" if child.name in INLINE else " "
                yield from child._pieces()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"{tag} has an attribute twice"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].name == tag, f"</{tag}> ends <{self.open[-1].name}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(Element("#text", texts=[data]))


def parsed(page: str) -> Element:
    """The page as a tree, after what every page must keep was checked."""
    page.encode("utf-8")
    reader = _Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == [reader.root], [one.name for one in reader.open]
    return reader.root


def data_of(page: Element) -> Any:
    """What the page holds for programs."""
    (text,) = page.one("script", id="logdiag-report").children

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(text.texts[0], parse_constant=refuse)
