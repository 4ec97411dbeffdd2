"""What is said of runs while they go on: the rules' promises, and how the benchmark measures."""

from __future__ import annotations

import lzma
from functools import cache

import pytest

from benchmarks import labels, living
from benchmarks.labels import LabelledLog
from benchmarks.living_measures import WAITS, Corpus, at_once, measured_wait, shipped, told
from benchmarks.living_measures import living as heard
from benchmarks.replays import Replay, Span, replayed, spans
from logparse.findings import Severity
from logparse.renderers.rule_docs import while_it_goes_on
from logparse.rules import all_rules, find_rule
from logparse.session import Session

ERROR, NOTE = Severity.ERROR, Severity.NOTE
CALM, LOST, COMING = "short-onecycle/conv-0", "nan-loss/conv-0", "schedule-cut-short/conv-0"


def found(marks: str) -> list[dict[str, Severity]]:
    """One judgement a letter: `.` finds nothing, `n` a note, `e` an error."""
    known = {".": {}, "n": {"X": NOTE}, "e": {"X": ERROR}}
    return [dict(known[mark]) for mark in marks]


@cache
def runs_of(name: str) -> tuple[LabelledLog, list[Replay]]:
    known = labels.read(living.CORPUS)
    log = next(log for log in known.logs if log.path == f"{name}.log.xz")
    return log, replayed(log, living.CORPUS)


@pytest.mark.parametrize(
    ("marks", "settles_in", "raised"),
    [
        ("..n.nn", 0, [Span(2, 3, NOTE), Span(4, None, NOTE)]),
        ("..n.nn", 1, [Span(5, None, NOTE)]),
        ("..n.nn", 2, []),
        ("nnn.n..nnn", 1, [Span(1, 6, NOTE), Span(8, None, NOTE)]),
        ("nnnen.n..", 2, [Span(2, None, ERROR)]),
        ("nnn.n...n", 2, [Span(2, 7, NOTE)]),
    ],
)
def test_a_finding_is_raised_once_it_has_settled_and_cleared_once_it_has_long_been_gone(
    marks: str, settles_in: int, raised: list[Span]
) -> None:
    assert spans("X", found(marks), settles_in) == raised
    assert spans("Y", found(marks), settles_in) == []


def test_a_rule_waits_for_as_long_as_was_tried_or_for_the_end() -> None:
    for rule in all_rules():
        assert rule.settles_in in WAITS
        assert not (rule.needs_end and rule.settles_in), rule.code
        assert set(living.BY_MEANING) <= {one.code for one in all_rules() if one.needs_end}


def test_what_is_lost_at_once_is_told_at_once() -> None:
    for code in ("NUM001", "NUM002", "NUM003", "MEM002", "LOG001", "LR003", "HYP003"):
        assert while_it_goes_on(find_rule(code)) == "raised at once."


def test_the_words_tell_the_end_and_the_epochs() -> None:
    assert while_it_goes_on(find_rule("LOSS004")) == "judged at its end only."
    assert while_it_goes_on(find_rule("LOSS003")) == "raised once it has stood for 3 epochs."


@pytest.mark.parametrize("name", [CALM, LOST])
def test_a_replay_is_what_a_session_says_while_the_log_grows(name: str) -> None:
    _, (replay,) = runs_of(name)
    text = lzma.decompress((living.CORPUS / f"{name}.log.xz").read_bytes())
    whole, growing = Session("x"), Session("x")
    whole.feed(text)
    lines, fed = text.splitlines(keepends=True), 0
    ends = [int(line) - 1 for line in whole.run(1).epochs["line"]][1:]
    for end, expected in zip(ends, replay.living, strict=False):
        growing.feed(b"".join(lines[fed:end]))
        fed = end
        (build,) = growing.so_far()
        said = growing.judge_so_far(build(), is_over=False).findings
        assert {one.code: one.severity for one in said} == expected


def test_what_needs_the_end_is_in_the_final_report_alone() -> None:
    _, (replay,) = runs_of(COMING)
    assert "LR004" in replay.final
    assert all("LR004" not in one for one in replay.living)
    assert "LR004" in replay.alone[-1]


def test_a_nan_is_told_in_its_own_epoch_and_a_healthy_run_is_left_alone() -> None:
    corpus = Corpus(labels.read(living.CORPUS), dict([runs_of(CALM), runs_of(LOST)]))
    log, (replay,) = runs_of(LOST)
    first = told(corpus, log, heard, at_once)
    assert first is not None
    assert (first.epoch, first.left) == (12, replay.epochs[-1] - 12)
    assert told(corpus, log, heard, shipped) == first
    assert measured_wait("NUM001", corpus) == 0
    assert living.totals(corpus).splitlines()[-1].endswith("| 0 of 1, 0 of 0 | 0, 0 |")


@pytest.mark.parametrize(
    ("marks", "wait"),
    [("......", 0), (".e....", 1), (".nn.e.", 2), (".nnnn..", 5), ("n" * 9 + ".", None)],
)
def test_the_least_wait_that_raises_nothing_too_soon_is_the_one_measured(
    marks: str, wait: int | None
) -> None:
    log, _ = runs_of(CALM)
    said = tuple(found(marks))
    run = Replay(log, tuple(range(1, len(said) + 1)), alone=said, living=said, final={})
    assert measured_wait("X", Corpus(labels.read(living.CORPUS), {log: [run]})) == wait
