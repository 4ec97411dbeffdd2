"""The recommendation report as a PDF: what the page says, laid out on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.errors import MissingExtraError
from logparse.pages.building import content
from logparse.pages.entries import MOST_IN_FULL
from logparse.pages.figures import png
from logparse.plots.words import describe_picture

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from logparse.comparison import Comparison
    from logparse.findings import Report
    from logparse.pages.content import (
        Card,
        Cell,
        Compared,
        Figure,
        Folded,
        Grid,
        PageContent,
        RunSection,
        Step,
        Verdict,
    )
    from logparse.pages.paper import Paper
    from logparse.rules import Rule

_MOST_COLUMNS = 8
"""More cannot be read beside each other on paper; the page has them all."""


def render(
    report: Report,
    comparison: Comparison | None = None,
    *,
    command: str = "",
    why_not_compared: str = "",
    made: datetime | None = None,
    rules: Sequence[Rule] | None = None,
) -> bytes:
    """The report as the bytes of a PDF; arguments as in `html.render`.

    Raises MissingExtraError without fpdf2.
    """
    try:
        from logparse.pages.paper import Paper
    except ImportError as error:
        if not (error.name or "").startswith("fpdf"):
            raise
        raise MissingExtraError(
            "a report as PDF needs fpdf2: pip install 'logdiag[pdf]', or write it as .html"
        ) from None
    page = content(
        report,
        comparison,
        command=command,
        why_not_compared=why_not_compared,
        made=made,
        rules=rules,
    )
    paper = Paper(page.title, page.tool, made)
    _Writer(paper).page(page)
    return paper.bytes()


class _Writer:
    """Lays the parts of the page out, one below the other."""

    def __init__(self, paper: Paper) -> None:
        self._paper = paper

    def page(self, page: PageContent) -> None:
        """Everything, in the order of the page."""
        self._paper.heading(page.heading, 1)
        for name, text in page.facts:
            self._paper.small(f"{name}: {text}")
        self._verdict(page.verdict)
        if page.runs is not None:
            self._paper.heading("All runs", 2)
            self._grid(page.runs)
        is_brief = len(page.sections) > MOST_IN_FULL
        if is_brief:
            self._paper.small("Checks, settings and how logs were read are left out for length.")
        for section in page.sections:
            self._run(section, is_brief=is_brief)
        if page.compared is not None:
            self._compared(page.compared)
        self._paper.heading("Method and limits", 2)
        for text in (*page.method.principles, *page.method.notes):
            self._paper.text_of(text)
        if page.next_command:
            self._paper.small(f"Next: {page.next_command}")

    def _verdict(self, verdict: Verdict) -> None:
        said = ", ".join(count.text for count in verdict.counts)
        self._paper.heading(said or verdict.said, 2)
        if said:
            self._paper.text_of(verdict.said)
        for aside in verdict.asides:
            self._paper.small(aside)
        if verdict.steps:
            self._paper.heading("Do this first", 3)
        for step in verdict.steps:
            self._step(step)
        if verdict.more_steps:
            self._paper.small(verdict.more_steps)
        if verdict.failures:
            self._paper.heading("Not judged", 3)
        for source, message in verdict.failures:
            self._paper.text_of(f"{source}: {message}")

    def _step(self, step: Step) -> None:
        self._paper.text_of(step.remedy[0])
        explains = f", which may explain {step.explains}" if step.explains else ""
        runs = ", ".join(link.text for link in step.runs)
        self._paper.small(f"asked for by {step.finding.text}{explains} · {runs}")

    def _run(self, run: RunSection, *, is_brief: bool) -> None:
        self._paper.heading(run.title, 2)
        counts = [count.text for count in run.counts]
        self._paper.small(" · ".join([*counts, *(text for text, _ in run.facts)]))
        if run.said:
            self._paper.text_of(run.said)
        for topic in run.topics:
            if topic.figure is None:
                self._paper.heading(topic.title, 3)
            else:
                self._figure(topic.figure, topic.title)
            for card in topic.cards:
                self._card(card)
        for figure in run.others:
            self._figure(figure)
        if run.metrics is not None:
            self._grid(run.metrics)
        for line in run.baselines:
            self._paper.small(" ".join(text for text, _ in line))
        for remark in run.remarks:
            self._paper.small(remark)
        for folded in () if is_brief else run.folded:
            self._folded(folded)

    def _card(self, card: Card) -> None:
        paper = self._paper
        paper.bar(card.severity.value)
        paper.heading(f"{card.severity} {card.code} {card.name}", 4, role=card.severity.value)
        paper.small(" · ".join([*card.where, card.confidence]))
        paper.text_of(card.reading)
        measured = " · ".join(f"{name} {value}" for name, value in card.measured)
        paper.labelled("Measured", [measured] if measured else [])
        paper.labelled("Causes, likeliest first", card.causes, is_ranked=True)
        paper.labelled("Try", [text for text, _ in card.remedies], is_ranked=True)
        paper.labelled("Confirm", [card.confirm] if card.confirm else [])

    def _folded(self, folded: Folded) -> None:
        self._paper.heading(folded.summary, 4)
        if folded.grid is not None:
            self._grid(folded.grid)
        for line in folded.lines:
            self._paper.small(" ".join(text for text, _ in line))

    def _compared(self, compared: Compared) -> None:
        self._paper.heading("Comparison", 2)
        if compared.why_not:
            self._paper.text_of(f"Not compared: {compared.why_not}")
        for fact in compared.facts:
            self._paper.text_of(fact)
        if compared.figure is not None:
            self._figure(compared.figure)
        for part in compared.parts:
            self._paper.heading(part.title.capitalize(), 3)
            if part.said:
                self._paper.text_of(part.said)
            if part.grid is not None:
                self._grid(part.grid)
            for text, _ in part.notes:
                self._paper.small(text)

    def _grid(self, grid: Grid) -> None:
        """The columns that say something in letters, as many as can be read."""
        told = [at for at in range(len(grid.columns)) if self._tells(grid, at)]
        kept = told[:_MOST_COLUMNS]
        self._paper.grid(
            [grid.columns[at].text for at in kept],
            [
                [_text(row[at]) for at in kept] if len(row) > 1 else [_text(row[0])]
                for row in grid.rows
            ],
            [grid.columns[at].is_number for at in kept],
        )
        for text, _ in grid.notes:
            self._paper.small(text)
        if len(told) > len(kept):
            names = ", ".join(grid.columns[at].text for at in told[_MOST_COLUMNS:])
            self._paper.small(f"left out for width: {names}")

    def _tells(self, grid: Grid, at: int) -> bool:
        return any(_text(row[at]) for row in grid.rows if len(row) > 1)

    def _figure(self, figure: Figure, title: str = "") -> None:
        drawn = png(figure, self._paper.width_in)
        self._paper.picture(drawn, title, describe_picture(figure.picture))


def _text(cell: Cell) -> str:
    """What a cell says in letters: a curve says nothing."""
    return ", ".join([*(count.text for count in cell.counts), *([cell.text] if cell.text else [])])
