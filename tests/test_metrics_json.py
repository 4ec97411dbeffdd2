"""The metrics JSON: what is read, where from, and what becomes of damaged documents."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import logparse
from fixtures.dialects import simulate, write
from fixtures.letters import EPOCHS, TEXT, letters_document
from logparse.api import analyze, read, read_all
from logparse.errors import NotALogError
from logparse.readers.base import HEAD_BYTES
from logparse.readers.metrics_document import MOST_FAULTS
from logparse.readers.metrics_json import MAX_BYTES
from logparse.records import Resolution
from logparse.run import Run
from logparse.session import Session
from tests.reading import assert_same_report, report_of

TEXT_OF_RUN = letters_document()
RAW = TEXT_OF_RUN.encode()
ONE_LINE = json.dumps(json.loads(RAW)).encode()


def run_of(raw: bytes | str) -> Run:
    """The run of a document, by the session."""
    session = Session("test.json", rules=())
    session.feed(raw.encode() if isinstance(raw, str) else raw)
    (run,) = session.runs()
    return run


def entries(*rows: dict[str, Any] | str, **parts: Any) -> str:
    """A document with these epochs, a text as it stands."""
    listed = ", ".join(row if isinstance(row, str) else json.dumps(row) for row in rows)
    more = "".join(f", {json.dumps(key)}: {json.dumps(part)}" for key, part in parts.items())
    return f'{{"epochs": [{listed}]{more}}}'


def with_metadata(**metadata: Any) -> Run:
    document = json.loads(RAW) | {"metadata": metadata}
    return run_of(json.dumps(document, indent=2))


def why_not(raw: bytes | str) -> str:
    """Why a text is no log."""
    with pytest.raises(NotALogError) as told:
        run_of(raw)
    return str(told.value)


def adds_up(run: Run, raw: bytes) -> bool:
    found = run.coverage
    parts = found.parsed + found.legend + found.blank + found.unparsed
    lines = raw.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return parts == found.lines == len(lines) - (lines[-1] == "")


def test_epochs_carry_canonical_names_and_their_lines() -> None:
    run = run_of(RAW)
    lines = TEXT_OF_RUN.split("\n")
    assert list(run.epochs) == [
        *("epoch", "train_loss", "train_accuracy", "val_accuracy", "grad_norm", "elapsed_s", "line")
    ]
    document = json.loads(RAW)
    assert run.epochs["val_accuracy"].tolist() == [
        row["dev_accuracy"] for row in document["epochs"]
    ]
    for epoch, line in zip(run.epochs["epoch"], run.epochs["line"], strict=True):
        assert lines[line - 1].strip() == "{" and f'"epoch": {epoch},' in lines[line]
    assert (run.format, run.dialect, run.index, run.count) == ("metrics-json", "", 1, 1)
    assert run.coverage.unparsed == 0 and adds_up(run, RAW)


def test_the_time_of_an_epoch_is_that_since_the_epoch_before() -> None:
    since_start = [row["elapsed_seconds"] for row in json.loads(RAW)["epochs"]]
    np.testing.assert_allclose(run_of(RAW).epochs["elapsed_s"].cumsum(), since_start)


def test_a_time_that_cannot_be_known_is_absent() -> None:
    rows = [{"epoch": at, "elapsed_seconds": at * 1.5} for at in (3, 4, 7, 8)]
    times = run_of(entries(*rows)).epochs["elapsed_s"].tolist()
    assert math.isnan(times[0]) and times[1] == 1.5 and math.isnan(times[2]) and times[3] == 1.5


def test_a_clock_that_starts_anew_counts_from_there() -> None:
    rows = [{"epoch": at, "elapsed_seconds": s} for at, s in ((1, 5.0), (2, 10.0), (3, 4.0))]
    assert run_of(entries(*rows)).epochs["elapsed_s"].tolist() == [5.0, 5.0, 4.0]


def test_settings_keep_their_keys_texts_and_lines() -> None:
    run = run_of(RAW)
    assert run.settings["SCHEDULE"] == "onecycle" and run.settings.raw["CLIPNORM"] == "3.0"
    line = run.settings.lines["SEED"]
    assert '"SEED": 3,' in TEXT_OF_RUN.split("\n")[line - 1]
    assert run.planned_epochs == EPOCHS
    assert run.started == datetime(2026, 1, 30, 22, 8, 22, tzinfo=UTC)
    assert run.model == {"task": "letter_counting"} and run.micro["env"] == {"device": "cpu"}
    assert (
        run.micro["final_results/dev_accuracy"] == json.loads(RAW)["final_results"]["dev_accuracy"]
    )


def test_hyperparameters_of_any_shape_are_unfolded() -> None:
    parameters = {
        "model": {"width": 8, "encoder": {"layers": 2}, "dropout": 0.1, "tied": True},
        "training": {"dropout": 0.2, "epochs": 30, "steps": [4, 8], "note": None},
        "seed": 7,
    }
    run = with_metadata(hyperparameters=parameters, commit="abc")
    assert dict(run.settings) == {
        "width": 8, "encoder.layers": 2, "dropout": 0.1, "tied": True, "training.dropout": 0.2,
        "epochs": 30, "steps": [4, 8], "note": None, "seed": 7, "commit": "abc",
    }  # fmt: skip
    assert run.settings.raw["tied"] == "True" and run.settings.raw["steps"] == "[4, 8]"
    assert (run.planned_key, run.planned_epochs) == ("epochs", 30)


@pytest.mark.parametrize(
    ("stamp", "hour"),
    [("2026-01-30T22:08:22+02:00", 20), ("2026-01-30T22:08:22", 22), ("2026-01-30 22:08:22Z", 22)],
)
def test_stamps_are_utc_unless_they_say_otherwise(stamp: str, hour: int) -> None:
    started = with_metadata(timestamp=stamp).started
    assert started == datetime(2026, 1, 30, hour, 8, 22, tzinfo=UTC)


@pytest.mark.parametrize("metadata", [{"timestamp": "soon"}, {"timestamp": 5}, {"task": [1]}])
def test_metadata_of_another_kind_is_unparsed(metadata: dict[str, Any]) -> None:
    run = with_metadata(**metadata)
    assert run.started is None and len(run.epochs) == EPOCHS
    assert run.coverage.unparsed >= 1 and run.unparsed[0].expected.startswith("a")


def test_metrics_are_rounded_to_four_decimals_even_where_zeros_end_them() -> None:
    run = run_of(RAW)
    assert run.resolution["val_accuracy"] == run.resolution["train_loss"] == Resolution(4)
    assert run.resolution["elapsed_s"] == Resolution(2)
    fine = run_of(entries({"epoch": 1, "train_loss": 0.1234567, "f1": 1 / 3, "steps": 12}))
    assert fine.resolution == {"train_loss": Resolution(7)}


def test_what_is_not_finite_is_told_from_what_is_absent() -> None:
    run = run_of(
        entries(
            {"epoch": 1, "train_loss": None, "dev_accuracy": None, "nonfinite": ["train_loss"]},
            '{"epoch": 2, "train_loss": NaN, "gradient_norm": Infinity}',
            {"epoch": 3, "train_loss": 0.5, "gradient_norm": None, "nonfinite": ["gradient_norm"]},
        )
    )
    found = {name: epochs.tolist() for name, epochs in run.nonfinite.items()}
    assert found == {"train_loss": [1, 2], "grad_norm": [2, 3]}
    assert "val_accuracy" not in run.epochs
    assert run.epochs["grad_norm"].iloc[1] == math.inf and run.epochs["train_loss"].iloc[2] == 0.5


def test_further_numbers_become_columns_of_their_own_name() -> None:
    run = run_of(
        entries({"epoch": 1, "dev_f1": 0.5, "learning_rate": 1e-3, "is_best": True, "x": "y"})
    )
    assert run.epochs.iloc[0].to_dict() == {
        "epoch": 1, "val_f1": 0.5, "lr": 1e-3, "is_best": 1.0, "line": 1
    }  # fmt: skip


def test_inference_keeps_full_precision() -> None:
    run, document = run_of(RAW), json.loads(RAW)["final_inference"]
    assert run.inference is not None and run.inference.example == TEXT
    assert run.inference.log_probs is not None and run.inference.attention is not None
    assert run.inference.log_probs.tolist() == document["log_probs"]
    assert run.inference.attention.shape == (2, 1, len(TEXT), len(TEXT))
    assert run.inference.attention[:, 0].tolist() == document["attention_weights"]


def test_heads_are_kept_apart() -> None:
    maps = np.arange(2 * 3 * 4 * 4, dtype=float).reshape(2, 3, 4, 4)
    run = run_of(entries({"epoch": 1}, final_inference={"attention_weights": maps.tolist()}))
    assert run.inference is not None and run.inference.log_probs is None
    np.testing.assert_array_equal(run.inference.attention, maps)


@pytest.mark.parametrize(
    "table",
    [
        [[[1.0, 2.0], [3.0]]],
        [[[1.0]], [[1.0, 2.0]]],
        "all",
        [["a"]],
        [],
        [[[]]],
        {"a": 1},
        [[[[[1]]]]],
    ],
    ids=str,
)
def test_maps_of_no_one_shape_are_left_out_and_said_so(table: Any) -> None:
    inference = {"example_input": "ab", "log_probs": [[-1.0, -2.0]], "attention_weights": table}
    run = run_of(entries({"epoch": 1}, final_inference=inference))
    assert run.inference is not None and run.inference.attention is None
    assert run.inference.log_probs is not None and run.coverage.unparsed == 1


def test_an_unfinished_document_is_an_unfinished_run() -> None:
    run = run_of(letters_document(5, is_finished=False))
    assert run.truncation is None and run.inference is None and run.coverage.unparsed == 0
    assert (run.last_epoch, run.planned_epochs) == (5, EPOCHS)


def test_the_inference_is_not_that_of_an_earlier_epoch() -> None:
    cut = run_of(RAW).up_to(7)
    assert cut.last_epoch == 7 and cut.inference is None


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
    places = sorted(min(cut, len(text)) for cut in cuts)
    pieces = [text[a:b] for a, b in zip([0, *places], [*places, len(text)], strict=True)]
    try:
        whole = report_of([text])
    except NotALogError:
        with pytest.raises(NotALogError):
            report_of(pieces)
        return
    assert_same_report(whole, report_of(pieces))
    for judged in whole.runs:
        assert "TOOL001" not in {finding.code for finding in judged.findings}
    if whole.runs[0].run.format == "metrics-json":
        assert adds_up(whole.runs[0].run, text)


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
    ["{}", "[]", '{"name": "x", "epochs": 30}', '[{"loss": 1}]', '{"epoch": 1, "loss": 2}\n' * 3],
)
def test_json_of_another_kind_is_told_what_was_tried(text: str) -> None:
    told = why_not(text)
    assert "metrics-json: no epochs of metrics" in told and "run-log: 0 of" in told


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


def test_healthy_documents_have_no_error_and_no_warning_and_hardly_a_chance_note() -> None:
    odd = 0
    for seed in range(20):
        (judged,) = report_of([letters_document(24, planned=24, seed=seed).encode()]).runs
        assert {finding.severity for finding in judged.findings} <= {"note"}, seed
        odd += bool({finding.code for finding in judged.findings} - {"REP001", "LOSS004"})
    assert odd <= 1
