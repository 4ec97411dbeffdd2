"""`python -m tests.fuzz --minutes 5`: damages logs of all dialects and checks the laws.

No exception, no crashed rule, every line accounted for, JSON and text rendered; runs compared
with each other, in every form; pictures and pages made of them. Each trial is known by its seed, so
that a failure can be had again: `python -m tests.fuzz --seed 123`.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from contextlib import suppress
from xml.etree import ElementTree

import logparse
from fixtures.diagnostics import diagnostics, without_epochs
from fixtures.dialects import DIALECTS, simulate, write
from fixtures.formats import all_samples
from fixtures.letters import letters_document
from fixtures.production import production_logs
from logparse import plots
from logparse.comparison.model import AXES
from logparse.errors import LogParseError, NotALogError
from logparse.findings import Report, RunReport
from logparse.lines import LineAssembler
from logparse.pages import html
from logparse.plots.terminal import lines
from logparse.plots.words import describe_picture
from logparse.renderers import render
from logparse.renderers.layout import Page
from logparse.renderers.spans import cells, plain
from logparse.session import Session
from tests.mutations import damaged

LOGS = [
    write(simulate(dialect, epochs=14, seed=at)).encode() for at, dialect in enumerate(DIALECTS)
]
LOGS += [text.encode() for _, text in production_logs()]

_DOCUMENT = letters_document()
DOCUMENTS = [_DOCUMENT.encode(), json.dumps(json.loads(_DOCUMENT)).encode()]
DOCUMENTS += [text.encode() for text in (*diagnostics().values(), without_epochs() * 2)]
DOCUMENTS += [raw for samples in all_samples().values() for raw in samples.values()]


def trial(seed: int) -> None:
    """One to three logs in a file, damaged, read and judged; AssertionError if a law is broken."""
    rng = random.Random(seed)
    raw = b"".join(rng.choices(LOGS, k=rng.randint(1, 3)))
    raw = damaged(raw, rng, times=rng.choice((1, 5, 40, 200)))
    session = Session(f"seed {seed}")
    session.feed(raw)
    with suppress(NotALogError):
        _check(session.close(), raw, seed)


def _check(report: Report, raw: bytes, seed: int) -> None:
    """No line is lost, no rule crashed, and all of it can be told."""
    assembler = LineAssembler()
    read = assembler.feed(raw) + assembler.close()
    for run in report.runs:
        coverage = run.run.coverage
        known = coverage.parsed + coverage.legend + coverage.blank
        assert known + coverage.unparsed == coverage.lines, seed
        assert not [f.measured for f in run.findings if f.code == "TOOL001"], seed
    # Formats that are no text count records instead of lines.
    assert sum(run.run.coverage.lines for run in report.runs) == len(read) or b"\0" in raw, seed
    assert render(report, "text", run="all", show_unparsed=True)
    json.loads(render(report, "json"), parse_constant=_refuse)


def document_trial(seed: int) -> None:
    """A sample of any other format, damaged and cut; AssertionError if a law is broken."""
    rng = random.Random(seed)
    raw = damaged(rng.choice(DOCUMENTS), rng, times=rng.choice((0, 1, 1, 5)))
    raw = raw[: rng.choice((len(raw), rng.randrange(len(raw) + 1)))]
    session = Session(f"seed {seed}")
    session.feed(raw)
    with suppress(NotALogError):
        _check(session.close(), raw, seed)


def comparison_trial(seed: int) -> None:
    """Two to seven damaged logs compared, one by one or in two groups."""
    rng = random.Random(seed)
    runs: list[RunReport] = []
    for at in range(rng.randint(2, 7)):
        session = Session(f"log-{at}")
        session.feed(damaged(rng.choice(LOGS + DOCUMENTS), rng, times=rng.choice((0, 1, 5, 40))))
        with suppress(NotALogError):
            runs += session.close().runs
    half = len(runs) // 2
    items = [runs[:half], runs[half:]] if rng.random() < 0.5 else runs
    try:
        found = logparse.compare(
            *items,
            by=rng.choice((None, "epochs_to_target")),
            align=rng.choice(AXES),
            seed_noise=rng.choice(((), ("5%",))),
            fail_if=rng.choice(((), ("val_rmse:5%", "throughput:1"))),
            task=rng.choice((None, "USE_CONV")),
        )
    except LogParseError:
        return
    for row in found.rows:
        for told, change in zip(row.summaries, row.changes, strict=True):
            assert change is None or (change.p is None) >= (told is None or told.n < 2), seed
    assert len(found.runs) == sum(map(len, found.sides)), seed
    assert found._repr_html_() and render(found, "csv") and render(found, "markdown"), seed
    assert render(found, "text", width=rng.choice((24, 80, 120))), seed
    json.loads(render(found, "json"), parse_constant=_refuse)


def picture_trial(seed: int) -> None:
    """Damaged logs drawn in every way, and on a page; whatever is said of them can be told."""
    rng = random.Random(seed)
    runs: list[RunReport] = []
    for at in range(rng.randint(1, 3)):
        session = Session(f"log-{at}")
        raw = damaged(rng.choice(LOGS + DOCUMENTS), rng, times=rng.choice((0, 1, 5, 40, 200)))
        session.feed(raw)
        with suppress(NotALogError):
            runs += session.close().runs
    report, found = Report(tuple(runs)), None
    with suppress(LogParseError):
        found = logparse.compare(*runs)
    assert html.render(report, found).count("</html>") == 1, seed
    wanted = plots.Wanted(
        scale=rng.choice(("auto", "log", "linear")),
        metrics=rng.choice(((), ("mae", "r2"), ("nothing like it",))),
        last=rng.choice((None, 1, 5)),
    )
    drawn = [plots.picture(one, *plots.VIEWS, wanted=wanted) for one in runs[:1]]
    drawn += [] if found is None else [plots.overlay(found, wanted=wanted, axis=rng.choice(AXES))]
    for picture in drawn:
        look = plots.Look(width_in=rng.choice((3.0, 8.0)))
        ElementTree.fromstring(plots.svg(plots.figure(picture, look), title="", description=""))
        assert describe_picture(picture), seed
        width, is_ascii = rng.choice((24, 80, 120)), rng.random() < 0.5
        told = [plain(line) for line in lines(picture, Page(width, is_ascii))]
        assert told and all(cells(line) <= width for line in told), seed
        assert not is_ascii or all(line.isascii() for line in told), seed


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is not strict JSON")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--seed", type=int, help="repeat one trial")
    options = parser.parse_args()
    if options.seed is not None:
        trial(options.seed)
        document_trial(options.seed)
        comparison_trial(options.seed)
        picture_trial(options.seed)
        return 0
    ends, count = time.monotonic() + 60 * options.minutes, 0
    start = random.SystemRandom().randrange(1 << 40)
    while time.monotonic() < ends:
        trial(start + count)
        document_trial(start + count)
        comparison_trial(start + count)
        picture_trial(start + count)
        count += 1
    last = start + count - 1
    print(f"{count} damaged logs and comparisons, seeds {start} to {last}: every law holds")
    return 0


if __name__ == "__main__":
    sys.exit(main())
