"""Findings are raised once they have held, cleared once they are gone, and never twice."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.replays import spans
from logparse.findings import Confidence, Finding, RunReport, Severity, Suppressed
from logparse.following.events import Kind
from logparse.following.ledger import Ledger
from tests.runs import make_run

WARNING, ERROR = Severity.WARNING, Severity.ERROR


def finding(code: str = "LR001", severity: Severity = WARNING, metric: str = "") -> Finding:
    return Finding(
        code=code,
        name="a-name",
        severity=severity,
        confidence=Confidence.HIGH,
        reading="It is so.",
        measured={"metric": metric} if metric else {},
        remedies=("do this",),
        confirm="look again",
    )


def judged(epochs: int, *found: Finding, echoes: Iterable[Suppressed] = ()) -> RunReport:
    return RunReport(make_run(val_rmse=[0.1] * epochs), found, (), tuple(echoes))


def turns(ledger: Ledger, *reports: RunReport, is_final: bool = False) -> list[tuple[int, Kind]]:
    """What each report turned, by its number of epochs."""
    return [
        (len(report.run.epochs), kind)
        for report in reports
        for kind, _, _ in ledger.take(report, is_final=is_final)
    ]


def test_a_finding_that_needs_no_time_is_raised_and_cleared_at_once() -> None:
    reports = [judged(1), judged(2, finding()), judged(3, finding()), judged(4)]
    assert turns(Ledger({}), *reports) == [(2, Kind.RAISED), (4, Kind.CLEARED)]


def test_one_that_flaps_is_not_raised_before_it_has_held() -> None:
    shown = [2, 4, 6, 7, 8, 9]
    reports = [judged(at, *([finding()] if at in shown else [])) for at in range(1, 10)]
    assert turns(Ledger({"LR001": 2}), *reports) == [(8, Kind.RAISED)]


def test_one_that_is_gone_for_an_epoch_is_not_cleared_where_it_may_come_back() -> None:
    gone = [4, 6, 7, 8]
    reports = [judged(at, *([] if at in gone else [finding()])) for at in range(1, 9)]
    assert turns(Ledger({"LR001": 2}), *reports) == [(3, Kind.RAISED), (8, Kind.CLEARED)]


def test_epochs_count_not_judgements() -> None:
    reports = [judged(5, finding()), judged(5, finding()), judged(9, finding())]
    assert turns(Ledger({"LR001": 3}), *reports) == [(9, Kind.RAISED)]


def test_the_last_word_waits_for_nothing() -> None:
    ledger = Ledger({"LR001": 5})
    assert turns(ledger, judged(3, finding()), is_final=True) == [(3, Kind.RAISED)]
    assert turns(ledger, judged(3), is_final=True) == [(3, Kind.CLEARED)]
    assert ledger.standing == ()


def test_it_gets_worse_only_beyond_what_was_told() -> None:
    severities = [WARNING, ERROR, WARNING, ERROR]
    reports = [judged(at, finding(severity=one)) for at, one in enumerate(severities, 1)]
    ledger = Ledger({})
    assert turns(ledger, *reports) == [(1, Kind.RAISED), (2, Kind.WORSE)]
    assert [one.severity for one in ledger.standing] == [ERROR]


def test_findings_of_one_rule_are_told_apart_by_their_metric() -> None:
    train, val = finding("NUM001", metric="train_loss"), finding("NUM001", metric="val_loss")
    ledger = Ledger({})
    assert turns(ledger, judged(1, val), judged(2, train, val), judged(3, train)) == [
        (1, Kind.RAISED),
        (2, Kind.RAISED),
        (3, Kind.CLEARED),
    ]


def test_an_echo_is_cleared_with_the_name_of_what_it_echoes() -> None:
    ledger = Ledger({})
    turns(ledger, judged(1, finding("LOSS002")))
    echo = Suppressed(finding("LOSS002"), by="LOSS003")
    told = list(ledger.take(judged(2, finding("LOSS003"), echoes=[echo]), is_final=False))
    assert [(kind, one.code, why) for kind, one, why in told] == [
        (Kind.RAISED, "LOSS003", ""),
        (Kind.CLEARED, "LOSS002", "an echo of LOSS003"),
    ]


@given(st.lists(st.booleans(), max_size=25), st.integers(0, 4))
@settings(deadline=None, max_examples=60)
def test_the_benchmark_waits_as_the_ledger_does(shown: list[bool], wait: int) -> None:
    told = spans("LR001", [{"LR001": WARNING} if one else {} for one in shown], wait)
    reports = [judged(at, *([finding()] if one else [])) for at, one in enumerate(shown, 1)]
    turned = turns(Ledger({"LR001": wait}), *reports)
    assert [at for at, kind in turned if kind is Kind.RAISED] == [one.since + 1 for one in told]
    ends = [one.until + 1 for one in told if one.until is not None]
    assert [at for at, kind in turned if kind is Kind.CLEARED] == ends


def test_rows_that_become_fewer_are_counted_from_there() -> None:
    reports = [judged(40, finding()), judged(8, finding()), judged(9, finding()), judged(10)]
    assert turns(Ledger({"LR001": 1}), *reports)[:1] == [(9, Kind.RAISED)]
