"""What a page says, before it is laid out: plain texts, not yet safe to show.

Only `Cell.curve` is markup, made by ourselves. Places in the page are called by fragments without
their `#`; no text of a log is in one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from markupsafe import Markup

    from logparse.findings import Severity
    from logparse.plots.content import Picture

Styled: TypeAlias = tuple[str, str]
"""A text and its semantic style; see `logparse.renderers.spans`."""

Coded: TypeAlias = tuple[str, bool]
"""A text, and whether it is code."""


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads to another place of the page; to none where `target` is ''."""

    text: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class Count:
    """How many findings of a severity there are: `2 errors`."""

    severity: Severity
    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture under a title; a wide one has the width of the page for itself."""

    id: str
    title: str
    picture: Picture
    is_wide: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A finding, its parts kept apart: measured, read as, causes, try, confirm.

    `where` are its epochs and lines of the log; `rule` is where its rule is explained, '' for none.
    """

    id: str
    severity: Severity
    code: str
    name: str
    confidence: str
    where: tuple[str, ...]
    measured: tuple[tuple[str, str], ...]
    reading: str
    causes: tuple[str, ...]
    remedies: tuple[Coded, ...]
    confirm: str
    rule: str


@dataclass(frozen=True, slots=True)
class Topic:
    """Findings about the same curves, beside the figure of these; one of the two may be missing."""

    title: str
    figure: Figure | None
    cards: tuple[Card, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell of a table: `sort` is the number by which it is sorted, None for its text."""

    text: str
    style: str = ""
    sort: float | None = None
    target: str = ""
    counts: tuple[Count, ...] = ()
    curve: Markup | None = None


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a column; numbers are set flush right."""

    text: str
    is_number: bool = False
    is_sortable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table: one cell for each column, the first names its row; a single cell heads others."""

    caption: str
    columns: tuple[Heading, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[Styled, ...] = ()
    is_sortable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """What is folded away under a summary: a table, or lines of styled texts."""

    summary: str
    grid: Grid | None = None
    lines: tuple[tuple[Styled, ...], ...] = ()
    is_printed_as_is: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """What to do first in some of the runs, the finding that asks for it, what it may explain."""

    remedy: Coded
    finding: Link
    explains: str
    runs: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A kind of finding, and where it was found."""

    severity: Severity
    code: str
    name: str
    places: tuple[Link, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The first screen: counts, or what was said instead; what to do first; what was found."""

    said: str
    counts: tuple[Count, ...]
    asides: tuple[str, ...]
    steps: tuple[Step, ...]
    more_steps: str
    found: tuple[Found, ...]
    more_found: str
    failures: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSection:
    """Everything that is told of one run."""

    id: str
    title: str
    source: str
    counts: tuple[Count, ...]
    facts: tuple[Styled, ...]
    said: str
    first: Step | None
    topics: tuple[Topic, ...]
    others: tuple[Figure, ...]
    remarks: tuple[str, ...]
    metrics: Grid | None
    baselines: tuple[tuple[Styled, ...], ...]
    folded: tuple[Folded, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a comparison: a statement, a table, notes."""

    title: str
    said: str
    grid: Grid | None
    notes: tuple[Styled, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A comparison, or why there is none."""

    facts: tuple[str, ...] = ()
    figure: Figure | None = None
    parts: tuple[Part, ...] = ()
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class RuleEntry:
    """A rule's own specification: labelled paragraphs with code in them, and sources it cites."""

    id: str
    code: str
    name: str
    paragraphs: tuple[tuple[str, tuple[Coded, ...]], ...]
    sources: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Method:
    """How the verdict came about: principles, rules that fired, thresholds of those that ran.

    `metrics` are names and meanings, `notes` what is not shown.
    """

    principles: tuple[str, ...]
    rules: tuple[RuleEntry, ...]
    thresholds: Folded | None
    metrics: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContent:
    """The whole page, from top to bottom."""

    title: str
    heading: str
    tool: str
    facts: tuple[tuple[str, str], ...]
    sources: Folded | None
    verdict: Verdict
    contents: tuple[Link, ...]
    runs: Grid | None
    sections: tuple[RunSection, ...]
    compared: Compared | None
    method: Method
    next_command: str
