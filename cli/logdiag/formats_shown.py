"""The formats, and how a file is read, in words and as data."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from logparse.explaining import coverage_of, settings_of, spans_of
from logparse.findings import plural
from logparse.renderers.layout import pad
from logparse.renderers.spans import cells

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from logparse.explaining import Explanation, LineTaken, NameTaken
    from logparse.formats import Broken
    from logparse.formats.choosing import Choice
    from logparse.readers.base import Reader
    from logparse.renderers.layout import Page
    from logparse.renderers.spans import Line
    from logparse.run import Run

_LABEL = 11
_MOST_SETTINGS = 20
_MOST_UNPARSED = 5
_MOST_NAMES = 60


def table(formats: Sequence[type[Reader]], broken: Sequence[Broken], page: Page) -> Iterator[Line]:
    """Every format with what it is about, those of programs first; then what cannot be had."""
    width = max(cells(one.format) for one in formats) + 2
    for one in formats:
        extra = f" Needs logdiag[{one.extra}]." if one.extra else ""
        kind = " For logs of no program in particular." if one.is_generic else ""
        first = (pad(page.span(one.format, "metric"), width),)
        about = f"{one.about.rstrip('.')}.{kind}{extra}" if one.about else f"{kind}{extra}".strip()
        yield from page.fill(page.words(about), first=first, hang=width)
    for gone in broken:
        whose = f" of {gone.package}" if gone.package else ""
        first = (pad(page.span(gone.name, "warning"), width),)
        yield from page.fill(page.words(f"not there{whose}: {gone.why}"), first=first, hang=width)
    yield ()
    yield (page.span("next  ", "dim"), page.span("logdiag formats explain FILE", "code"))


def entries(formats: Sequence[type[Reader]], broken: Sequence[Broken]) -> dict[str, Any]:
    """The same for programs."""
    return {
        "formats": [
            {
                "name": one.format,
                "about": one.about,
                "json": one.is_json,
                "generic": one.is_generic,
                "extra": one.extra or None,
            }
            for one in formats
        ],
        "broken": [{"name": o.name, "package": o.package, "why": o.why} for o in broken],
    }


def lines(found: Explanation, page: Page) -> Iterator[Line]:
    """How a file is read, label by label; line by line at the end."""
    is_guess = bool(found.why_not) and found.choice.how in ("last", "generic")
    name = "no format fits" if is_guess else found.choice.format
    yield (page.span(found.source, "title"), page.span(f"  {name}", "metric"))
    if found.about and not is_guess:
        yield from page.fill(page.words(found.about))
    yield ()
    if not is_guess:
        yield from _labelled("chosen", [why(found.choice)], page)
    if found.why_not:
        yield from _labelled("no log", [found.why_not], page)
    others = [one for one in found.tried if is_guess or one.format != found.choice.format]
    yield from _labelled("tried", [one.told for one in others if one.fits], page)
    nothing = [one.format for one in others if not one.fits]
    yield from _labelled("fit not", [", ".join(nothing)] if nothing else [], page)
    if found.runs:
        counts = coverage_of(found.runs)
        kinds = ", ".join(f"{n} {kind}" for kind, n in counts.items() if kind != "lines")
        yield from _labelled("lines", [f"{counts['lines']}: {kinds}"], page)
    broken = [_broken(one.line, one.column, one.expected, one.text) for one in found.unparsed]
    shown = broken[:_MOST_UNPARSED]
    shown += [f"and {len(broken) - len(shown)} more"] if len(broken) > len(shown) else []
    yield from _labelled("unparsed", shown, page)
    for run in found.runs:
        yield from _labelled(f"run {run.index}", [*_run(run, page)], page)
    yield from _names(found.names, page)
    if found.lines:
        yield ()
    for line in found.lines:
        yield page.crop(_line(line, page))


def why(choice: Choice) -> str:
    """What told the format, in a sentence."""
    place = f"line {choice.line}"
    match choice.how:
        case "asked":
            return "asked for by --format-in"
        case "line":
            return f"{place}, the first that only this format has: {choice.text}"
        case "beginning":
            return f"{place} tells, by the beginning: {choice.text}"
        case "generic":
            return "no program's format; of the others, tried in order, the first that fits"
    return "no format was told; text is taken for it in the end"


def document(found: Explanation) -> dict[str, Any]:
    """The explanation for programs."""
    choice = found.choice
    return {
        "schema_version": 1,
        "source": found.source,
        "format": choice.format,
        "chosen": {"how": choice.how, "line": choice.line or None, "text": choice.text},
        "why_not": found.why_not or None,
        "tried": [
            {"format": o.format, "fits": o.fits, "seen": o.seen, "told": o.told}
            for o in found.tried
        ],
        "coverage": coverage_of(found.runs),
        "unparsed": [
            {"line": o.line, "column": o.column, "expected": o.expected, "text": o.text}
            for o in found.unparsed
        ],
        "runs": [_run_entry(run) for run in found.runs],
        "names": [
            {"printed": o.printed, "column": o.column, "known": o.known, "values": o.values}
            for o in found.names
        ],
        "lines": [_line_entry(line) for line in found.lines],
    }


def _run_entry(run: Run) -> dict[str, Any]:
    return {
        "index": run.index,
        "axis": run.axis,
        "rows": len(run.epochs),
        "points": None if run.points is None else len(run.points),
        "spans": {axis: [_finite(first), _finite(last)]
                  for axis, (first, last) in spans_of(run).items()},
        "seams": [
            {"line": o.line, "number": _finite(o.number), "reached": _finite(o.reached),
             "dropped": int(o.dropped), "source": o.source}
            for o in run.seams
        ],
        "settings": {key: _finite(value) for key, value in settings_of(run).items()},
    }  # fmt: skip


def _line_entry(line: LineTaken) -> dict[str, Any]:
    entry: dict[str, Any] = {"line": line.number, "kind": line.kind}
    if line.says:
        entry["says"] = {key: _finite(value) for key, value in line.says.items()}
    if line.broken is not None:
        one = line.broken
        entry |= {"column": one.column, "expected": one.expected, "text": one.text}
    return entry


def _finite(value: object) -> object:
    """The value as strict JSON has it: numbers that are not finite, and what is none, as text."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if isinstance(value, bool | int | float | str | None) else str(value)


def _labelled(label: str, texts: Sequence[str], page: Page) -> Iterator[Line]:
    for text in texts:
        first = (pad(page.span(label, "dim"), _LABEL),)
        yield from page.fill(page.words(text), first=first, hang=_LABEL)
        label = ""


def _run(run: Run, page: Page) -> Iterator[str]:
    facts = [f"axis {run.axis}", plural(len(run.epochs), "row")]
    if run.points is not None:
        facts[1] += f" of {plural(len(run.points), 'point')}"
    facts += [f"{axis} {low:g} to {high:g}" for axis, (low, high) in spans_of(run).items()]
    yield ", ".join(facts)
    for seam in run.seams:
        which = f" of {seam.source}" if seam.source else ""
        told = f"after {seam.reached:g}, {plural(seam.dropped, 'point')} told again"
        yield f"goes on in line {seam.line}{which} at {seam.number:g} {told}"
    settings = settings_of(run)
    if settings:
        some = ", ".join(f"{key}={value}" for key, value in [*settings.items()][:_MOST_SETTINGS])
        rest = len(settings) - _MOST_SETTINGS
        more = f" and {rest} more" if rest > 0 else ""
        yield page.clip(f"settings {some}{more}", 1000)


def _names(names: Sequence[NameTaken], page: Page) -> Iterator[Line]:
    if not names:
        return
    yield ()
    most = min(max(cells(one.printed) for one in names), page.width // 2)
    for one in names[:_MOST_NAMES]:
        count = pad(page.span(f"{plural(one.values, 'value')}", "dim"), 12, right=True)
        named = (pad((page.clip(one.printed, most), ""), most + 1), count, page.span("  "))
        if one.printed != one.column:
            yield page.crop((*named, page.span(f"{page.arrow} {one.column}", "metric")))
        else:
            yield page.crop((*named, page.span("" if one.known else "no known meaning", "dim")))
    if len(names) > _MOST_NAMES:
        yield (page.span(f"and {len(names) - _MOST_NAMES} more"),)


def _line(line: LineTaken, page: Page) -> Line:
    head = (page.span(f"{line.number:6}  ", "dim"), pad(page.span(line.kind, _style(line)), 10))
    if line.broken is not None:
        one = line.broken
        return (*head, page.span(_broken(None, one.column, one.expected, one.text)))
    return (*head, page.span(" ".join(_said(line, page))))


def _style(line: LineTaken) -> str:
    return {"unparsed": "warning", "parsed": "good"}.get(line.kind, "dim")


def _said(line: LineTaken, page: Page) -> Iterator[str]:
    """What the line says, as far as a line of the page has room for it."""
    used = 0
    for key, value in line.says.items():
        text = f"{key}={value:g}" if isinstance(value, float) else f"{key}={value!s:.80}"
        yield text
        used += len(text) + 1
        if used > page.width:
            return


def _broken(line: int | None, column: int | None, expected: str, text: str) -> str:
    place = [f"line {line}"] if line is not None else []
    place += [f"column {column}"] if column is not None else []
    wanted = [f"expected {expected}"] if expected else []
    return ": ".join([*filter(None, [", ".join(place)]), *wanted, text.strip()])
