"""The metrics JSON, damaged, cut, or of another kind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import logparse
from fixtures.dialects import simulate, write
from fixtures.letters import EPOCHS
from logparse.api import analyze, read, read_all
from logparse.errors import NotALogError
from logparse.formats.metrics_json import MAX_BYTES
from logparse.readers.base import HEAD_BYTES
from logparse.readers.metrics_document import MOST_FAULTS
from tests.documents import (
    ONE_LINE,
    RAW,
    TEXT_OF_RUN,
    adds_up,
    entries,
    run_of,
    why_not,
)
from tests.reading import assert_same_report, report_however_cut, report_of


@pytest.mark.parametrize("raw", [RAW, ONE_LINE], ids=["indented", "one line"])
@given(cut=st.integers(0, len(RAW)))
@settings(max_examples=60, deadline=None)
def test_a_document_that_is_cut_keeps_its_whole_epochs(raw: bytes, cut: int) -> None:
    torn = raw[:cut]
    try:
        run = run_of(torn)
    except NotALogError:
        assert b'"epochs"' not in torn[:-20] and b'"SEED": 3,' not in torn
        return
    whole = run_of(raw).epochs
    count = torn.count(b'"epoch":') - (torn.rfind(b"}") < torn.rfind(b'"epoch":'))
    assert run.epochs["epoch"].tolist() == whole["epoch"].tolist()[:count]
    assert not count or run.epochs.drop(columns="line").equals(
        whole.drop(columns="line").iloc[:count]
    )
    assert adds_up(run, torn)
    assert (run.truncation is None) == (torn.rstrip() == raw.rstrip())
    if run.truncation is not None:
        assert run.truncation.line == torn.rstrip().count(b"\n") + 1


def test_a_cut_names_the_epoch_that_it_tore() -> None:
    cut = TEXT_OF_RUN.index('"dev_accuracy"', TEXT_OF_RUN.index('"epoch": 9,'))
    run = run_of(TEXT_OF_RUN[:cut])
    assert run.last_epoch == 8 and run.truncation is not None and run.truncation.epoch == 9
    (first, last) = run.coverage.unparsed_ranges[-1]
    assert last == run.truncation.line and first == last - 3
    (judged,) = report_of([TEXT_OF_RUN[:cut].encode()]).runs
    assert "LOG003" in {finding.code for finding in judged.findings}


def test_a_fault_in_the_middle_costs_its_epoch_only() -> None:
    at = TEXT_OF_RUN.index('"train_loss"', TEXT_OF_RUN.index('"epoch": 9,')) + 14
    run = run_of(TEXT_OF_RUN[:at] + "x" + TEXT_OF_RUN[at + 1 :])
    assert 9 not in set(run.epochs["epoch"]) and len(run.epochs) == EPOCHS - 1
    assert run.truncation is None and run.inference is not None
    assert run.coverage.unparsed == 8 and "value" in [broken.expected for broken in run.unparsed]


def test_a_fault_in_the_metadata_costs_no_epoch() -> None:
    run = run_of(TEXT_OF_RUN.replace('"SEED": 3', '"SEED" 3'))
    assert len(run.epochs) == EPOCHS and "OPTIMIZER" not in run.settings
    assert "TRANSFORMER_LAYERS" in run.settings and run.inference is not None


def test_more_faults_than_can_be_mended_are_unparsed() -> None:
    rows = ['{"epoch": 1, "train_loss": x}'] * (MOST_FAULTS + 5)
    run = run_of('{"metadata": {"hyperparameters": {"model": {"a": 1}}},\n' + entries(*rows)[1:])
    assert len(run.epochs) == 0 and run.coverage.unparsed == 1


@given(
    st.sampled_from([RAW, ONE_LINE]),
    st.lists(st.tuples(st.integers(0, len(ONE_LINE) - 1), st.integers(0, 7)), max_size=6),
    st.lists(st.integers(0, len(RAW)), max_size=4),
    st.integers(0, len(RAW)),
)
@example(RAW, [], [], len(RAW))
@settings(max_examples=60, deadline=None)
def test_damage_and_cuts_obey_the_laws(
    raw: bytes, flips: list[tuple[int, int]], cuts: list[int], end: int
) -> None:
    bent = bytearray(raw)
    for at, bit in flips:
        bent[at] ^= 1 << bit
    text = bytes(bent[:end])
    report = report_however_cut(text, cuts)
    for judged in () if report is None else report.runs:
        assert "TOOL001" not in {finding.code for finding in judged.findings}
        assert judged.run.format != "metrics-json" or adds_up(judged.run, text)


def test_any_cutting_of_the_beginning_finds_the_same_format() -> None:
    raw = b"\xef\xbb\xbf\r\n  " + ONE_LINE
    assert_same_report(report_of([raw]), report_of([bytes([byte]) for byte in raw]))
    assert report_of([raw]).runs[0].run.coverage.blank == 1


@pytest.mark.parametrize(
    "text",
    [
        '{"epoch": "three", "train_loss": 1.0}', '{"train_loss": 1.0}', '{"epoch": -1}', "[1]",
        '{"epoch": true}', '{"epoch": 1.5}', '{"epoch": 1e400}', '"7"', '{"epoch": 1}',
        '{"epoch": 99999999999}',
    ],
)  # fmt: skip
def test_an_entry_without_a_number_that_rises_is_unparsed(text: str) -> None:
    run = run_of("\n".join(('{"epochs": [{"epoch": 1},', text + ",", '{"epoch": 2}]}')))
    assert run.epochs["epoch"].tolist() == [1, 2]
    assert run.coverage.unparsed_ranges == ((2, 2),) and run.truncation is None


@pytest.mark.parametrize(
    "field",
    [
        '"train_loss": [1]', '"train_loss": "low"', '"elapsed_seconds": {}', '"f1": 1, "f1": 2',
        '"dev_accuracy": 1, "val_accuracy": 1', '"gradient_norm": ' + "9" * 400,
    ],
)  # fmt: skip
def test_a_metric_that_is_no_single_number_is_unparsed(field: str) -> None:
    run = run_of('{"epochs": [{"epoch": 1,\n' + field + ',\n"dev_f1": 0.5}]}')
    assert run.coverage.unparsed_ranges == ((2, 2),)
    assert run.epochs["val_f1"].tolist() == [0.5]


@pytest.mark.parametrize(
    ("more", "lines"),
    [
        ('"x": ' + "[" * 100_000, 1),
        ('"x": ' + "9" * 5000, 1),
        ('"epochs": [{"epoch": 5}]', 1),
        ('"metadata": 3', 1),
        ('"final_results": [1]', 1),
        ('"final_inference": {"example_input": 3}', 1),
        ('"x": 1} {"epochs": []', 1),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_makes_no_sense_is_one_unparsed_line(more: str, lines: int) -> None:
    run = run_of('{"epochs": [{"epoch": 1}],\n' + more + "\n}")
    assert run.epochs["epoch"].tolist() == [1]
    assert (2, 2) in [(first, first) for first, _ in run.coverage.unparsed_ranges]
    assert run.inference is None


def test_halves_of_characters_and_control_signs_do_no_harm(tmp_path: Path) -> None:
    text = TEXT_OF_RUN.replace('"letter_counting"', '"\\ud800 \\u001b[31m \\u0000"')
    (tmp_path / "x.json").write_text(text.replace('"SEED"', '"SE\\udfffED"'), encoding="utf-8")
    report = analyze(tmp_path / "x.json")
    for form in ("text", "json", "markdown", "sarif", "github"):
        assert logparse.render(report, form).encode()


@pytest.mark.parametrize(
    "text",
    ["{}", "[]", '{"name": "x"}', '[{"id": 1}]', '{"files": ["a", "b"]}\n'],
)
def test_json_of_another_kind_is_told_what_was_tried(text: str) -> None:
    told = why_not(text)
    assert "jsonl: no line that is an object with a metric" in told and "run-log: 0 of" in told
    assert "json-document: no list of numbers" in told and "more (logdiag formats)" in told


def test_epochs_of_nothing_known_are_told_as_well() -> None:
    assert "tried metrics-json: 0 of 1 lines fit" in why_not('{"epochs": [{"name": 1}]}')


def test_a_run_log_below_json_is_a_run_log() -> None:
    log = write(simulate("F2", epochs=3))
    for line in ('{"lr": 0.1, "epochs": 3}', "{'lr': 0.1}", "[setup] done", "{" * 400):
        run = run_of(f"{line}\n{log}")
        assert run.format == "run-log" and len(run.epochs) == 3, line
    long = '{"x": "' + "y" * 2 * HEAD_BYTES + '"}'
    assert run_of(f"{long}\n{log}").format == "run-log"


def test_a_document_on_one_line_of_megabytes_is_read_and_found(tmp_path: Path) -> None:
    long = json.dumps(json.loads(RAW) | {"note": "y" * 5_000_000})
    (tmp_path / "a.json").write_text(long)
    (tmp_path / "package.json").write_text('{"name": "x", "epochs": [1, 2]}')
    (report,) = analyze(tmp_path).runs
    assert report.run.coverage.lines == 1 and len(report.run.epochs) == EPOCHS
    assert len(logparse.compare(tmp_path / "a.json", run_of(RAW)).runs) == 2


def test_a_document_beyond_the_limit_is_refused_without_being_held(tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    with path.open("wb") as file:
        file.write(ONE_LINE[:-1] + b', "x": "')
        file.truncate(2 * MAX_BYTES)
    with pytest.raises(NotALogError, match="larger than 64 MiB"):
        read(path)


def test_end_of_lines_are_those_of_any_log(tmp_path: Path) -> None:
    for end in ("\r\n", "\r"):
        (tmp_path / "x.json").write_bytes(TEXT_OF_RUN.replace("\n", end).encode("utf-16"))
        (run,) = read_all(tmp_path / "x.json")
        assert run.epochs.equals(run_of(RAW).epochs) and run.coverage == run_of(RAW).coverage
