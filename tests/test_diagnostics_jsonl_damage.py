"""JSONL diagnostics that are damaged, cut, torn or of another kind."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import logparse
from fixtures.diagnostics import diagnostics, without_epochs
from fixtures.letters import letters_document
from logparse.formats.any_format import AnyFormat
from logparse.lines import MAX_LINE_BYTES
from logparse.readers.base import HEAD_BYTES
from logparse.run import Run
from tests.documents import adds_up, why_not
from tests.mutations import damaged
from tests.reading import assert_same_report, report_however_cut, report_of

TRAIN, VAL = diagnostics().values()
FILES = [text.encode() for text in (TRAIN, VAL, without_epochs() * 2)]
GOOD = '{"epoch": 7, "loss": 1.5}'


def read_lines(*lines: str) -> Run:
    (judged,) = report_of(["\n".join(lines).encode("utf-8", "replace")]).runs
    return judged.run


@pytest.mark.parametrize(
    ("line", "column", "expected"),
    [
        ('{"epoch": 8, "loss": 1.', 23, "',' delimiter"),
        ('{"epoch": 8, "lo', 14, "JSON"),
        ('{"epoch": 8, "loss": 1}{"epoch": 9, "loss": 1}', 24, "the end of the line"),
        ('{"epoch": 8, "lo' + GOOD, 19, "':' delimiter"),
        ("[1, 2]", 1, "an object"),
        ("Epoch 8: done", 1, "value"),
        ('{"epoch": 8, "loss": "low"}', 22, "a number"),
        ('{"epoch": 8, "loss": [1]}', 22, "a number"),
        ('{"epoch": 8, "loss": true}', 22, "a number"),
        ('{"epoch": 8, "learning_rate":  {}}', 32, "a number"),
        ('{"epoch": 8, "loss": ' + "9" * 400 + "}", 22, "a number"),
        ('{"epoch": 8, "loss": ' + "9" * 5000 + "}", 1, "a number"),
        ('{"epoch": 8, "loss": 1, "loss": 2}', 1, "each key once"),
        ('{"epoch": 8, "x": ' + "[" * 100_000, 1, "fewer lists in each other"),
        ('{"epoch": "8", "loss": 1}', 11, "an epoch number"),
        ('{"epoch": 8.5, "loss": 1}', 11, "an epoch number"),
        ('{"epoch": -1, "loss": 1}', 11, "an epoch number"),
        ('{"epoch": true, "loss": 1}', 11, "an epoch number"),
        ('{"epoch": 99999999999, "loss": 1}', 11, "an epoch number"),
        ('{"loss": 1}', 1, "an epoch number"),
        ("{}", 1, "an epoch number"),
        ('{"epoch": 8, "loss": 1, "step": 300}', 1, "a line an epoch, without a step"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_broken_line_costs_itself_and_names_its_place(
    line: str, column: int, expected: str
) -> None:
    run = read_lines(GOOD, line, "", '{"epoch": 9, "loss": 1.25}')
    assert run.epochs["epoch"].tolist() == [7, 9]
    assert run.coverage.unparsed_ranges == ((2, 2),) and run.coverage.blank == 1
    (broken,) = run.unparsed
    assert (broken.line, broken.column, broken.expected) == (2, column, expected)
    assert run.truncation is None


@pytest.mark.parametrize(
    ("last", "epoch", "is_cut"),
    [
        ('{"epoch": 8, "loss": 1.', 8, True),
        ('{"epo', None, True),
        ('{"epoch": 3, "lo', None, True),
        ('{"epoch": 8, "loss": "x"}', None, False),
        ("Killed", None, False),
    ],
)
def test_a_last_line_that_stops_in_the_middle_is_a_truncation(
    last: str, epoch: int | None, is_cut: bool
) -> None:
    found = read_lines(GOOD, last).truncation
    assert (found is not None) is is_cut
    assert found is None or (found.line, found.epoch) == (2, epoch)


def test_a_torn_line_of_stuck_epochs_is_the_next_one() -> None:
    run = read_lines('{"epoch": 0, "loss": 2}', *['{"epoch": 1, "loss": 2}'] * 2, '{"epoch": 1, "l')
    assert run.truncation is not None and run.truncation.epoch == 3


def test_a_line_beyond_all_bounds_is_unparsed_and_no_truncation() -> None:
    run = read_lines(GOOD, '{"epoch": 8, "x": "' + "y" * MAX_LINE_BYTES)
    assert run.coverage.unparsed == 1 and run.truncation is None
    assert run.unparsed[0].expected == "the end of the line, which is too long"


def test_other_line_ends_bom_and_blank_lines_change_nothing() -> None:
    raw = TRAIN.encode()
    plain = report_of([raw])
    assert_same_report(plain, report_of([b"\xef\xbb\xbf" + raw.replace(b"\n", b"\r\n")]))
    assert_same_report(plain, report_of([raw.replace(b"\n", b"\r")]))
    (judged,) = report_of([b"\n \n" + raw]).runs
    assert judged.run.coverage.blank == 2 and len(judged.run.epochs) == raw.count(b"\n")


@given(
    st.sampled_from(FILES),
    st.integers(0, 2**32),
    st.lists(st.integers(0, 20_000), max_size=8),
    st.integers(0, 20_000),
)
@settings(max_examples=40, deadline=None)
def test_damage_and_cuts_obey_the_laws(raw: bytes, seed: int, cuts: list[int], end: int) -> None:
    text = damaged(raw, random.Random(seed), times=seed % 5)
    text = text[: -(end % (len(text) + 1)) or None] if seed % 2 else text
    report = report_however_cut(text, cuts)
    for judged in () if report is None else report.runs:
        found = judged.run.coverage
        assert "TOOL001" not in {finding.code for finding in judged.findings}
        assert found.parsed + found.blank + found.unparsed == found.lines
        assert found.parsed == len(judged.run.epochs)


@pytest.mark.parametrize("at", range(0, len(TRAIN) // 6, 61))
def test_a_file_that_is_cut_keeps_its_whole_lines(at: int) -> None:
    raw = TRAIN.encode()[: -at or None]
    run = report_of([raw]).runs[0].run
    torn = raw.rpartition(b"\n")[2]
    assert len(run.epochs) == raw.count(b"\n") + torn.endswith(b"}")
    assert adds_up(run, raw)
    assert (run.truncation is not None) == (torn != b"" and not torn.endswith(b"}"))


@pytest.mark.parametrize("first", ["{", '{"lr": 0.1}', '{"epoch": 1, "lo{"epoch": 1}', "{}"])
def test_the_format_is_told_by_any_line_of_the_beginning(first: str) -> None:
    run = read_lines(first, GOOD)
    assert run.format == "diagnostics-jsonl" and run.coverage.unparsed == 1


def test_of_two_formats_in_one_source_the_first_told_reads_it_however_it_is_cut() -> None:
    jsonl, document = GOOD + "\n", letters_document()
    for raw, format in (
        (jsonl + document, "diagnostics-jsonl"),
        (document + jsonl, "metrics-json"),
    ):
        for size in (997, len(raw)):
            reader = AnyFormat("x")
            for at in range(0, len(raw), size):
                reader.feed(raw[at : at + size].encode())
            (build,) = reader.close()
            assert build().format == format


def test_lines_of_steps_are_not_taken_for_epochs() -> None:
    by_steps = ('{"epoch": 1, "loss": 2, "step": %d}\n', '{"step": %d, "epoch": 1, "loss": 2}\n')
    for line in (*by_steps, '{"loss": %d, "epoch": 0.25}\n'):
        (judged,) = report_of([(line % 5 + line % 6).encode()]).runs
        assert judged.run.format == "jsonl"
    assert "run-log" in why_not("{" + "x" * 2 * HEAD_BYTES)


def test_names_that_no_file_can_hold_do_no_harm() -> None:
    line = '{"epoch": %d, "loss": 2, "\\ud800": 1, "\\u001b[31m": 2, "": 3, "a/b": 4}\n'
    text = line % 0 + line % 1 + line % 1
    report = report_of([text.encode()])
    for form in ("text", "json", "markdown", "sarif", "github"):
        assert logparse.render(report, form).encode()


@pytest.mark.parametrize("depth", [100, 600, 990])
def test_lists_in_each_other_do_no_harm(depth: int) -> None:
    nested = '{"epoch": 8, "loss": 1, "\\ud800": ' + "[" * depth + "]" * depth + "}"
    run = read_lines(GOOD, nested, '{"epoch": 9, "loss": 1.25}')
    assert run.coverage.parsed + run.coverage.unparsed == 3 and run.last_epoch == 9


def test_ever_new_names_do_not_fill_the_memory() -> None:
    rows = [f'{{"epoch": {at}, "loss": 1, "k{at}": 1}}' for at in range(1, 700)]
    assert len(read_lines(*rows).epochs.columns) < 520
