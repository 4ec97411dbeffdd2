"""The report for a pull request: a table of runs, then what was found in each.

A comment on GitHub holds 65,536 characters, so a report has a limit and says what it left out.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from logparse.axis import span
from logparse.findings import Outcome, RunReport, Severity, plural
from logparse.renderers.diagnosis import EXPLAINED, measure, ran, reasons, why_unjudged
from logparse.renderers.markup import EDIT, block, code, prose
from logparse.renderers.numbers import ranges
from logparse.renderers.overview import best_of, epochs_run
from logparse.renderers.selection import RunChoice, require, spoken_of
from logparse.renderers.text import next_command
from logparse.weighing import first_step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from logparse.findings import Finding, FirstStep, Report, SourceFailure
    from logparse.run import Run

COMMENT_BYTES = 65_000
_MOST_ROWS = 100
_MOST_FAILURES = 20
_LEFT_OUT_BYTES = 150


def render(
    report: Report, *, run: RunChoice = -1, ascii_only: bool = False, limit: int = COMMENT_BYTES
) -> str:
    """The report as GitHub's Markdown with a line end at its end.

    The table has every run, the findings are those of the runs that `run` chooses as in the text
    report. What exceeds `limit` bytes is counted instead of shown.
    """
    require(report, run)
    return "".join(
        f"{line}\n" for line in lines(report, run=run, ascii_only=ascii_only, limit=limit)
    )


def lines(
    report: Report,
    *,
    run: RunChoice = -1,
    ascii_only: bool = False,
    limit: int = COMMENT_BYTES,
) -> Iterator[str]:
    """The report as lines without ends; nothing in them that a log says is markup or a link."""
    page, shown = _Writer(ascii_only), spoken_of(report, run)
    head = [
        *page.heading(report, shown),
        *page.table(report, len(shown), limit // 3),
        *page.failures(report, limit // 6),
    ]
    closing = list(page.closing(report, shown))
    yield from head
    left = limit - size(head) - size(closing) - _LEFT_OUT_BYTES
    sections = [section for judged in shown for section in page.run(judged)]
    kept = 0
    for section in sections:
        left -= size(section.lines)
        if left < 0:
            break
        kept += 1
        yield from section.lines
    if cut := sections[kept:]:
        yield from ("", f"**Left out for length:** {_told(cut)}; `--format json` holds all.")
    yield from closing


class _Section(NamedTuple):
    """Lines that are shown together or not at all; how many findings and runs they tell of."""

    lines: list[str]
    findings: int = 0
    runs: int = 0


def _told(sections: Sequence[_Section]) -> str:
    """How many findings and runs the sections tell of, if any."""
    findings = sum(section.findings for section in sections)
    runs = sum(section.runs for section in sections)
    counts = [plural(findings, "finding")] * bool(findings) + [plural(runs, "run")] * bool(runs)
    return " and ".join(counts) or "the checks that ran"


def size(lines: Iterable[str]) -> int:
    """How many bytes the lines take, their ends included."""
    return sum(len(line.encode("utf-8", "replace")) + 1 for line in lines)


def fitting(lines: Iterable[str], limit: int) -> list[str]:
    """The first lines, as many as `limit` bytes hold; all or none of each."""
    kept = list(lines)
    sizes = accumulate(size((line,)) for line in kept)
    return [line for line, taken in zip(kept, sizes, strict=True) if taken <= limit]


def _counts(findings: Sequence[Finding]) -> dict[Severity, int]:
    return {one: sum(found.severity is one for found in findings) for one in Severity}


class _Writer:
    """Makes the parts of a report; every text of a log goes through `prose`, `block` or `code`."""

    def __init__(self, ascii_only: bool) -> None:
        self._ascii = ascii_only

    def heading(self, report: Report, shown: Sequence[RunReport]) -> Iterator[str]:
        """One line that says the worst there is, and never more than was looked at."""
        counts = _counts([found for judged in shown for found in judged.findings])
        found = ", ".join(plural(count, one.value) for one, count in counts.items() if count)
        unjudged = sum(bool(why_unjudged(judged)) for judged in shown)
        judged = len(shown) - unjudged
        if not report.runs:
            said = "no training run was read"
        elif not found and not judged:
            said = "nothing was judged"
        else:
            new = "new " * any(one.known for one in shown)
            said = f"{found or f'no {new}symptom found'} in {plural(judged or unjudged, 'run')}"
            said += f", {plural(unjudged, 'run')} not judged" if unjudged and judged else ""
        if sources := len({failure.source for failure in report.errors}):
            said += f", problems with {plural(sources, 'source')}"
        yield f"## logdiag: {said}"

    def table(self, report: Report, shown: int, limit: int) -> Iterator[str]:
        """One row a run, in the order of the report, as many as `limit` bytes hold."""
        if not report.runs:
            return
        yield from (
            "",
            "| log | run | epochs | best | errors | warnings | notes |",
            "| --- | ---: | --- | --- | ---: | ---: | ---: |",
        )
        rows = (f"| {' | '.join(self._row(judged))} |" for judged in report.runs[:_MOST_ROWS])
        yield from (kept := fitting(rows, limit))
        if (rest := len(report.runs) - len(kept)) > 0:
            yield from ("", f"{plural(rest, 'run')} more, which this table leaves out.")
        if (hidden := len(report.runs) - shown) > 0:
            yield ""
            yield f"{plural(hidden, 'run')} in this table only: `--run all` shows what was found."

    def _row(self, judged: RunReport) -> Iterator[str]:
        run = judged.run
        yield code(run.source, ascii_only=self._ascii)
        yield f"{run.index} of {run.count}" if run.count > 1 else "1"
        yield epochs_run(run)
        yield prose(best_of(run), ascii_only=self._ascii) or "-"
        is_judged = not why_unjudged(judged)
        for count in _counts(judged.findings).values():
            yield str(count) if is_judged or count else "-"

    def failures(self, report: Report, limit: int) -> Iterator[str]:
        """What could not be read or judged, and why, as much as `limit` bytes hold."""
        if not report.errors:
            return
        yield from ("", "**Not judged:**", "")
        yield from (kept := fitting(map(self._failure, report.errors[:_MOST_FAILURES]), limit))
        if (rest := len(report.errors) - len(kept)) > 0:
            yield f"- and {rest} more"

    def _failure(self, failure: SourceFailure) -> str:
        message = prose(failure.message, ascii_only=self._ascii)
        return f"- {code(failure.source, ascii_only=self._ascii) or 'no name'}: {message}"

    def run(self, judged: RunReport) -> Iterator[_Section]:
        """A title, each finding, and what the verdict rests on."""
        run = judged.run
        which = f", run {run.index} of {run.count}" if run.count > 1 else ""
        yield _Section(["", f"### {code(run.source, ascii_only=self._ascii)}{which}"], runs=1)
        if not judged.findings:
            yield _Section(["", f"{self._silence(judged)}."])
        if step := first_step(judged.findings):
            yield _Section(["", self._first(step)])
        for found in judged.findings:
            yield _Section(list(self._finding(found, run)), findings=1)
        yield _Section(list(self._checks(judged)))

    def _first(self, step: FirstStep) -> str:
        explains = f"; may explain {', '.join(step.explains)}" if step.explains else ""
        why = prose(f"({step.code} {step.name}{explains})", ascii_only=self._ascii)
        return f"**First:** {self._item(step.remedy)} {why}"

    def _silence(self, judged: RunReport) -> str:
        if why := why_unjudged(judged):
            return f"Nothing was judged: {prose(why, ascii_only=self._ascii)}"
        new = "new " * bool(judged.known)
        return f"No {new}symptom found by the {plural(ran(judged), 'check')} that ran"

    def _finding(self, found: Finding, run: Run) -> Iterator[str]:
        where = [f"line {found.lines[0]}"] if found.lines else []
        where += [span(run, *found.epochs)] if found.epochs is not None else []
        where += [f"{found.confidence} confidence"]
        title = prose(f"{found.severity} {found.code} {found.name}", ascii_only=self._ascii)
        yield from ("", f"#### {title}", "", f"{', '.join(where)}", "")
        yield block(found.reading, ascii_only=self._ascii)
        if found.measured:
            yield from ("", f"**Measured:** {'; '.join(self._measured(found))}")
        yield from self._list("Causes, the most likely first:", found.causes)
        yield from self._list("Try:", found.remedies)
        if found.confirm:
            yield from ("", f"**Confirm:** {prose(found.confirm, ascii_only=self._ascii)}")

    def _measured(self, found: Finding) -> Iterator[str]:
        for name, value in found.measured.items():
            label = prose(name.replace("_", " "), ascii_only=self._ascii)
            yield f"{label} {code(measure(value), ascii_only=self._ascii)}".rstrip()

    def _list(self, label: str, texts: Sequence[str]) -> Iterator[str]:
        if texts:
            yield from ("", f"**{label}**", "")
            yield from (f"{rank}. {self._item(text)}" for rank, text in enumerate(texts, start=1))

    def _item(self, text: str) -> str:
        """An edit of a setting as code, so that it can be copied; else words."""
        write = code if EDIT.fullmatch(text) else block
        return write(text, ascii_only=self._ascii)

    def _checks(self, judged: RunReport) -> Iterator[str]:
        """Folded: which checks ran, which could not and why, and how the log was read."""
        total, count = len(judged.checks), ran(judged)
        could_not = f", {total - count} could not" if count < total else ""
        silent = (Outcome.FIRED, Outcome.CLEAR, Outcome.SUPPRESSED)
        codes = ", ".join(check.code for check in judged.checks if check.outcome in silent)
        yield from ("", "<details>")
        yield from (f"<summary>{count} of {total} checks ran{could_not}</summary>", "")
        yield f"- ran: {prose(codes, ascii_only=self._ascii) or 'none'}"
        for label, outcome in EXPLAINED.items():
            for reason, with_it in reasons(judged, outcome):
                text = f"{reason} ({', '.join(with_it)})"
                yield f"- {label}: {prose(text, ascii_only=self._ascii)}"
        if judged.known:
            yield f"- known: {plural(len(judged.known), 'finding')} hidden by the baseline"
        yield f"- read: {_coverage(judged.run)}"
        yield from ("", "</details>")

    def closing(self, report: Report, shown: Sequence[RunReport]) -> Iterator[str]:
        """The command that helps most now."""
        if report.runs:
            yield from ("", f"Next: {code(next_command(report, shown), ascii_only=self._ascii)}")


def _coverage(run: Run) -> str:
    covered = run.coverage
    where = f": {ranges(covered.unparsed_ranges)}" if covered.unparsed else ""
    unparsed = f"{covered.unparsed or 'none'} unparsed{where}"
    return (
        f"{plural(covered.lines, 'line')}, of them {covered.parsed} parsed, "
        f"{covered.legend} legend, {covered.blank} blank, {unparsed}"
    )
