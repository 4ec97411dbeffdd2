"""Text that once broke the reader, or was once read wrongly."""

import json
import os
import random
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fixtures.dialects import epoch_block, simulate, write
from logparse import shapes
from logparse.api import analyze
from logparse.formats.run_log import RunLogReader
from logparse.records import EpochLine, Unparsed
from logparse.renderers import render
from logparse.renderers.spans import cells
from tests.reading import report_of, runs_of

TAIL = " | TR[0.1,0.1,0.5] | VAL[0.1,0.1,0.5] | SR=0.011 | SL=0.00,HR=0.000"


@pytest.mark.parametrize(
    "line",
    [
        "E" + "9" * 25 + " | lr=1.0e-05",
        "E" + "9" * 5000 + " | lr=1.0e-05",
        "DEBUG_OPT GROUPS=" + "9" * 5000 + " LRS=[] COUNTS=[]",
        "DEBUG_OPT GROUPS=1 LRS=['x'] COUNTS=[" + "9" * 5000 + "]",
        "SCHEDULER total_steps=" + "9" * 5000,
        "MODEL_STATIC: total_params=" + "9,999" * 400 + " trainable=1 frozen=0",
        "BATCH_SHAPE B=" + "9" * 5000 + " groups=1 seq_len_full=1 feat=1",
        "TOP_K(G/U)=a:0.100/1.0e-05, zero:" + "9" * 400 + "/0.000",
    ],
    ids=lambda line: line[:20],
)
def test_an_integer_that_fits_nowhere_is_an_unparsed_line(line: str) -> None:
    text = write(simulate("E", epochs=2)) + line + "\n"
    (report,) = report_of([text.encode()]).runs
    assert report.run.coverage.unparsed == 1


@pytest.mark.parametrize("value", ["inf", "1e400", "nan", "9" * 400, "-3", "0"])
@pytest.mark.parametrize("key", ["MAX_EPOCHS", "EARLY_STOP_PATIENCE", "ONECYCLE_MAX_LR", "LR"])
def test_a_setting_that_is_no_sane_number_costs_no_rule(key: str, value: str) -> None:
    text = write(simulate("F2", epochs=12)).replace(f"  {key} = ", f"  OLD_{key} = ")
    text = text.replace("HYPERPARAMS:\n", f"HYPERPARAMS:\n  {key} = {value}\n")
    (report,) = report_of([text.encode()]).runs
    assert report.run.settings.raw[key] == value
    assert not [finding for finding in report.findings if finding.code == "TOOL001"]


HUGE = ("1" + "0" * 308 + ".0000", "-" + "9" * 308 + ".0000", "1.7e+308", "1.0e-308")


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("dialect", ["C", "F2", "G"])
def test_numbers_near_the_end_of_the_range_cost_no_rule_and_no_width(
    dialect: str, seed: int
) -> None:
    rng = random.Random(seed)
    share = rng.choice([0.05, 0.3, 1.0])
    head, start, epochs = write(simulate(dialect, epochs=14, seed=seed)).partition("E01")

    def perhaps_huge(found: re.Match[str]) -> str:
        return rng.choice(HUGE) if rng.random() < share else found[0]

    mangled = re.sub(r"(?<=[\[=:,/])\d+\.\d+(e[-+]\d+)?(?=[\],/ |\n])", perhaps_huge, epochs)
    report = report_of([(head + start + mangled).encode()])
    assert "TOOL001" not in {found.code for found in report.runs[0].findings}
    assert max(map(cells, render(report, width=80, show_unparsed=True).splitlines())) <= 80


def test_a_plan_that_no_run_can_reach_is_none() -> None:
    (run,) = runs_of("HYPERPARAMS:\n  MAX_EPOCHS = 1e308\n\nE01 | lr=1.0e-05 | EMA=0.5\n")
    assert run.settings["MAX_EPOCHS"] == 1e308 and run.planned_epochs is None


def test_only_the_exact_count_of_zeros_is_taken_out_of_a_list() -> None:
    text = "E01 | GN[a=0.1,TOT=0.1]" + TAIL + "\nTOP_K(G/U)=a:0.100/1.0e-05, zero:3/0.0001\n"
    (run,) = runs_of(text)
    assert run.parameters["update_ratio"].iloc[0] == 1e-5
    assert "zero_grad_params" not in run.epochs


def test_an_unknown_field_cannot_take_the_place_of_a_known_column() -> None:
    (run,) = runs_of("E01 | lr=1.0e-05 | epoch=7.5 | line=3.0 | train_rmse=9.0 | EMA=0.5\n")
    assert list(run.epochs["epoch"]) == [1] and list(run.epochs["line"]) == [1]
    assert "train_rmse" not in run.epochs and run.epochs["EMA"].iloc[0] == 0.5


def test_a_flag_after_a_gap_tells_of_an_epoch_that_is_not_there() -> None:
    run = simulate("F2", epochs=5)
    blocks = [epoch_block(run, at) for at in (0, 1, 3, 4)]
    blocks[2] = blocks[2].replace("chk=0", "chk=1")
    (found,) = runs_of("".join(blocks))
    assert np.isnan(found.epochs["checkpoint"].iloc[1])


@pytest.mark.parametrize("end", ["E03", "E03 | ", "E03 | lr=", "E03 | GD[1.0e-01,"])
def test_a_torn_epoch_line_is_known_by_its_own_number(end: str) -> None:
    (run,) = runs_of(write(simulate("F2", epochs=2)) + "\n" + end)
    assert run.truncation is not None and run.truncation.epoch == 3


def test_a_line_that_is_cut_breaks_at_its_end() -> None:
    (run,) = runs_of(write(simulate("F2", epochs=2)) + "\nE03 | lr=")
    assert run.unparsed[0].column == len("E03 | lr=") + 1


def test_a_diverging_f1_run_is_no_f2_run() -> None:
    def to_nan(epoch: int, total: int, rng: object) -> dict[str, float]:
        if epoch < 4:
            return {}
        return dict.fromkeys(("train_rmse", "train_mae", "train_r2", "val_rmse"), float("nan"))

    (run,) = runs_of(write(simulate("F1", epochs=8, plan=to_nan)))
    assert run.dialect == "F1"


def test_a_line_cut_at_a_field_boundary_does_not_change_the_dialect() -> None:
    run = simulate("F2", epochs=3)
    cut = epoch_block(run, 2).split(" | UR[")[0] + "\n"
    (found,) = runs_of("".join(epoch_block(run, at) for at in range(2)) + cut)
    assert found.dialect == "F2" and found.truncation is not None


def test_glued_snapshots_may_know_nothing() -> None:
    text = "MICRODETAIL ms: full_forward=None seg/s=None env=torch=None cuda=None dev=None\n"
    (run,) = runs_of(text)
    assert run.micro["env"] == {"torch": None, "cuda": None, "device_name": None}
    assert run.micro["full_forward"] is None


def test_records_name_metrics_as_the_frames_do() -> None:
    """The legend of one run says nothing about the run after it."""
    c, e = write(simulate("C", epochs=2)), simulate("E", epochs=2, started=None)
    text = c + "".join(epoch_block(e, at) for at in range(2))
    records = RunLogReader("x").records(text.split("\n"))
    last = [record for record in records if isinstance(record, EpochLine)][-1]
    assert last.fields["train_r2"] == runs_of(text)[-1].epochs["train_r2"].iloc[-1]


def test_a_torn_run_start_at_the_end_is_a_truncation() -> None:
    text = write(simulate("F2", epochs=2)) + "\n" + "-" * 150 + "\nRUN START: 2025-11-0"
    (run,) = runs_of(text)
    assert run.truncation is not None and run.coverage.unparsed == 1


def test_ever_new_labels_do_not_fill_the_memory() -> None:
    lines = (
        f"E{epoch:02d} | LAYER_GN[a{epoch}:1.0e-01/1.00,b{epoch}:1.0e-01/1.00]{TAIL}"
        for epoch in range(1, 4001)
    )
    (run,) = runs_of("\n".join(lines))
    assert len(run.epochs) == 4000 and run.epochs.shape[1] < 2200


@pytest.mark.parametrize(
    "content",
    [
        "",
        "\0\xff rubbish",
        "0000000000000000\n" + "[" * 100_000,
        json.dumps({"shapes": [{"kind": "epoch", "key": ["line", "E", "("], "slots": []}]}),
    ],
    ids=["empty", "rubbish", "deep", "foreign"],
)
def test_a_damaged_store_is_an_empty_one(
    content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(shapes.CACHE_VARIABLE, str(tmp_path))
    text = write(simulate("F2", epochs=3))
    runs_of(text)
    (store,) = tmp_path.glob("*.json")
    store.write_text(content)
    (run,) = runs_of(text)
    assert len(run.epochs) == 3


def test_a_store_spares_the_parser_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(shapes.CACHE_VARIABLE, str(tmp_path / "made" / "on demand"))
    text = write(simulate("G", epochs=3))
    (first,) = runs_of(text)
    monkeypatch.setattr("logparse.scan.load", lambda *_: pytest.fail("the parser was built"))
    (second,) = runs_of(text)
    assert first.epochs.equals(second.epochs)


def test_a_store_that_cannot_be_written_is_not_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(shapes.CACHE_VARIABLE, str(tmp_path / "file" / "below"))
    assert len(runs_of(write(simulate("F2", epochs=2)))[0].epochs) == 2


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_only_a_regular_file_is_a_store_and_nothing_is_left_behind(
    make: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(shapes.CACHE_VARIABLE, str(tmp_path))
    text = write(simulate("F2", epochs=3))
    runs_of(text)
    (store,) = tmp_path.iterdir()
    store.unlink()
    make(store)
    assert len(runs_of(text)[0].epochs) == 3
    assert list(tmp_path.iterdir()) == [store]


def test_control_characters_in_names_do_no_harm(tmp_path: Path) -> None:
    text = write(simulate("F2", epochs=12)).replace("ln_proj", "ln\x1b[31m\x07\u202eproj")
    (tmp_path / "run.log").write_text(text)
    report = analyze(tmp_path / "run.log")
    assert report.runs[0].run.coverage.unparsed == 0 and not report.errors


def test_what_is_unparsed_says_where_it_broke() -> None:
    (record,) = RunLogReader("x").records(["E01 | GD[1.0e-01,7"])
    assert isinstance(record, Unparsed)
    assert (record.column, record.expected) == (18, "a number like 7.2e-05")
