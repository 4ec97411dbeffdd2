"""The production log, damaged, cut, mixed with others, and while it grows."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.dialects import simulate, write
from fixtures.production import Production, production_log, production_logs
from logparse.errors import NotALogError
from logparse.formats.production_log import ProductionLogReader
from logparse.lines import LineAssembler
from logparse.readers.base import HEAD_BYTES
from logparse.run import Run
from logparse.scan import Parsed, Scanner
from logparse.session import Session
from tests.documents import adds_up, run_of, why_not
from tests.mutations import damaged
from tests.reading import assert_same_report, assert_same_run, report_of

LOGS = {name: text.encode() for name, text in production_logs()}
SHORT = production_log(Production(epochs=2, planned=9)).encode()
RUN_LOG = write(simulate("F2", epochs=3))
FIRST = "Epoch 1/3 - production training\nBatch 0/5 | loss=1.000000 elapsed=1.0s\n"


def lines_of(raw: bytes) -> Iterator[str]:
    assembler = LineAssembler()
    yield from assembler.feed(raw) + assembler.close()


@pytest.mark.parametrize("name", LOGS)
def test_scanner_equals_lark_on_whole_and_damaged_lines(name: str) -> None:
    learned, reference = ProductionLogReader(name), ProductionLogReader(name, learn=False)
    learned.feed(2 * LOGS[name])
    rng = random.Random(name)
    for _ in range(4):
        for line in lines_of(damaged(LOGS[name], rng, times=60)):
            found, expected = learned._parse(line), reference._parse(line)
            assert type(found) is type(expected), line
            if isinstance(found, Parsed) and isinstance(expected, Parsed):
                kinds = found.shape.kind, expected.shape.kind
                assert (kinds[0], found.values) == (kinds[1], expected.values), line
                assert found.shape.slots == expected.shape.slots, line


def test_most_lines_of_a_long_log_never_reach_lark(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    ask = Scanner.parse_with_lark
    monkeypatch.setattr(
        Scanner, "parse_with_lark", lambda self, *args: asked.append(args) or ask(self, *args)
    )
    raw = production_log(Production(epochs=60, planned=60)).encode()
    ProductionLogReader("test").feed(raw)
    assert len(asked) < 100 < raw.count(b"\n") / 8


@given(
    st.sampled_from(sorted(LOGS)),
    st.integers(0, 2**32),
    st.lists(st.integers(0, 60_000), max_size=8),
    st.integers(0, 60_000),
)
@settings(max_examples=25, deadline=None)
def test_damage_and_cuts_obey_the_laws(name: str, seed: int, cuts: list[int], end: int) -> None:
    raw = damaged(LOGS[name], random.Random(seed), times=seed % 12)
    raw = raw[: end % (len(raw) + 1)] if seed % 3 else raw
    places = sorted(cut % (len(raw) + 1) for cut in cuts)
    pieces = [raw[a:b] for a, b in zip([0, *places], [*places, len(raw)], strict=True)]
    try:
        whole = report_of([raw])
    except NotALogError:
        with pytest.raises(NotALogError):
            report_of(pieces)
        return
    assert_same_report(whole, report_of(pieces))
    counted = [judged.run.coverage for judged in whole.runs]
    assert sum(one.lines for one in counted) == len([*lines_of(raw)])
    for judged in whole.runs:
        assert "TOOL001" not in {finding.code for finding in judged.findings}
        numbers = judged.run.epochs["epoch"]
        assert numbers.is_monotonic_increasing and numbers.is_unique


def test_what_is_fed_byte_by_byte_reads_the_same() -> None:
    raw = b"\xef\xbb\xbf" + SHORT
    assert_same_report(report_of([raw]), report_of([raw[at : at + 1] for at in range(len(raw))]))


@given(st.integers(0, len(SHORT)))
@settings(max_examples=40, deadline=None)
def test_a_log_so_far_is_that_of_its_whole_lines(cut: int) -> None:
    """What is still to come of the last epoch, as whether it was saved, is not told yet."""
    session = Session("test.log", rules=())
    session.feed(SHORT[:cut])
    early = [build() for build in session.so_far()]
    kept = [run.epochs.copy() for run in early]
    session.feed(SHORT[cut:])
    for run, epochs in zip(early, kept, strict=True):
        assert run.epochs.equals(epochs)
        (whole,) = session.runs()
        told, later = epochs.notna(), whole.epochs[: len(epochs)][list(epochs)]
        assert epochs.where(told).equals(later.where(told))
    assert_same_run(session.runs()[0], run_of(SHORT))


def newest(raw: bytes, upto: bytes) -> Run:
    """The run so far, of the lines up to the last that holds a text."""
    session = Session("test.log", rules=())
    session.feed(raw[: raw.index(b"\n", raw.rindex(upto)) + 1])
    return session.so_far()[-1]()


def test_an_epoch_that_is_still_being_told_is_no_row_yet() -> None:
    assert newest(SHORT, b"LOSSES").last_epoch == 1
    assert newest(SHORT, b"LOSSES").micro["epoch"] == 2
    assert newest(SHORT, b"TREND").last_epoch == 2
    assert newest(SHORT, b"TREND").epochs.drop(columns="checkpoint").notna().all(axis=None)


@pytest.mark.parametrize("noise", ["Traceback (most recent call last):\n", "\n", '{"lr": 1e-3}\n'])
@pytest.mark.parametrize("size", [1, HEAD_BYTES // 60])
def test_the_first_line_that_only_one_format_has_decides(noise: str, size: int) -> None:
    head = noise * size
    assert run_of(head + FIRST + RUN_LOG).format == "production-log"
    session = Session("test.log", rules=())
    session.feed((head + RUN_LOG + FIRST).encode())
    assert {run.format for run in session.runs()} == {"run-log"}


def test_a_source_that_is_no_log_tells_what_was_tried() -> None:
    assert "run-log: 0 of 1 lines fit" in why_not("2025-11-03 08:38:31,081 INFO a.b: hello\n")
    assert "run-log: 0 of 1 lines fit" in why_not("EarlyStopping counter: 1 out of 3\n")


def test_foreign_lines_in_between_are_counted_and_change_nothing() -> None:
    bar = " 12%|█▏        | 5/41 [00:08<00:57,  1.60s/it]"
    trace = 'Traceback (most recent call last):\n  File "x.py", line 3, in <module>'
    other = "2025-11-03 09:00:00,000 INFO urllib3: retrying"
    text = SHORT.decode().replace("\n", f"\n{bar}\r{trace}\n{other}\n")
    run, plain = run_of(text), run_of(SHORT)
    assert run.epochs.drop(columns="line").equals(plain.epochs.drop(columns="line"))
    count = SHORT.count(b"\n")
    assert run.coverage.legend == plain.coverage.legend + count
    assert run.coverage.unparsed == plain.coverage.unparsed + 3 * count
    assert adds_up(run, text.encode()) and run.truncation is None


def test_pictures_that_a_console_has_spoilt_do_no_harm() -> None:
    text = production_log(Production(epochs=2, planned=9))
    for raw in (
        text.encode("ascii", "replace"),
        text.encode().decode("cp1252", "replace").encode(),
    ):
        assert run_of(raw).epochs.equals(run_of(text).epochs)


@pytest.mark.parametrize(
    "line",
    [
        '{"stage": ' + "[" * 5000 + "}", '{"stage": 1e999, "process_rss_mb": 1e999}',
        '{"stage": "x", "process_rss_mb": ' + "9" * 5000 + "}",
        '{"stage": "x", "process_rss_mb": "many", "cuda_max_allocated_mb": true}',
        "BATCH 999999999/1 | Epoch 999999999/1 | loss=nan | Time=0.0s",
        "Epoch 0/0 - production training", "2025-13-45 25:61:61,081 INFO a: x",
        "2025-11-03 08:38:31,081 INFO a: Summary | a= b==  c= = d=[",
    ],
    ids=lambda line: line[:40],
)  # fmt: skip
def test_odd_lines_do_not_raise(line: str) -> None:
    report = report_of([f"{line}\n{line}\n".encode() + SHORT + f"{line}\n".encode()])
    for judged in report.runs:
        assert "TOOL001" not in {finding.code for finding in judged.findings}
    assert {2} <= {judged.run.last_epoch for judged in report.runs}


def test_a_line_without_an_end_costs_itself_only() -> None:
    run = run_of(SHORT + b"x" * (2 << 20) + b"\n")
    assert run.last_epoch == 2 and run.coverage.unparsed == run_of(SHORT).coverage.unparsed + 1


def test_a_run_starts_at_its_first_stamp_even_where_that_is_no_date() -> None:
    line = "2025-{}-03 08:38:31,081 INFO a: Epoch 1/3 - production training\n"
    assert str(run_of(line.format(11) + FIRST).started) == "2025-11-03 08:38:31.081000+00:00"
    run = run_of(line.format(13) + FIRST)
    assert run.started is None and run.start_text == "2025-13-03 08:38:31,081"
