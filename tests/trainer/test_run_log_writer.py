"""The run log's writer is the inverse of our reader, whatever the records hold."""

from __future__ import annotations

import io
import math
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import logparse
from logparse.run import Run
from tests.trainer.run_logs import LOGS, Log, check_epochs, check_header, check_lists
from trainer.errors import TrainerError
from trainer.outputs.run_header import human_bytes
from trainer.outputs.run_log import DIALECTS, RunLogWriter, epoch_block, header
from trainer.records import (
    Baselines,
    EpochRecord,
    Regression,
    RunHeader,
    SeriesMetrics,
    TensorNorms,
)


def write(path: Path, dialect: str, *logs: Log) -> None:
    writer = RunLogWriter(path, dialect)
    for known, records in logs:
        writer.start(known)
        for record in records:
            writer.epoch(record)


def runs_of(dialect: str, *logs: Log) -> list[Run]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.log"
        write(path, dialect, *logs)
        return [logparse.read(path, run=at + 1) for at in range(len(logs))]


@pytest.mark.parametrize("dialect", DIALECTS)
@given(log=LOGS)
@settings(max_examples=50, deadline=None)
def test_what_was_written_is_read_back(dialect: str, log: Log) -> None:
    [run] = runs_of(dialect, log)
    assert run.coverage.unparsed_ranges == () and run.unparsed == ()
    assert run.coverage.legend > 15
    assert run.truncation is None
    series = [r.series for r in log[1] if r.series]
    shown = [x for s in series for m in (s.train, s.val) for x in (m.rmse, m.mae, m.r2)]
    sure = dialect == "G" or any(map(math.isfinite, shown))
    assert run.dialect == dialect if sure else run.dialect == "F"
    check_header(run, log[0])
    check_epochs(run, log, dialect)
    check_lists(run, log[1], dialect)


@pytest.mark.parametrize("dialect", DIALECTS)
@given(logs=st.tuples(LOGS, LOGS))
@settings(max_examples=15, deadline=None)
def test_two_runs_in_one_file_stay_two(dialect: str, logs: tuple[Log, Log]) -> None:
    runs = runs_of(dialect, *logs)
    assert [(run.index, run.count) for run in runs] == [(1, 2), (2, 2)]
    for run, log in zip(runs, logs, strict=True):
        assert run.coverage.unparsed == 0
        check_header(run, log[0])
        check_epochs(run, log, dialect)


# ---- examples, to the letter ------------------------------------------------------------------

HEADER = RunHeader(
    started=datetime(2025, 11, 3, 12, 48, 0, 611142, timezone(timedelta(hours=1))),
    settings={"USE_TCN": True, "LR_FACTOR": 1e-05, "MILESTONES": [3, 6]},
    baselines=Baselines(0.113791, math.nan, 0.1, 0.012),
    group_lrs=(7.2e-05, 3.6e-05),
    group_counts=(3, 1),
    total_params=614786,
    trainable_params=614700,
    param_bytes=2459144,
    batch_shape=(7216, 1, 20, 6),
    micro={"out_shape": (34,), "B": 16, "windows_bytes": 163200, "gpu_peak_mb": None},
)
RECORD = EpochRecord(
    epoch=7,
    lr=1e-3,
    group_lrs=(1e-3, 5e-4, 2.5e-4, 1e-4),
    sched_pct=None,
    train_loss=0.5,
    val_loss=0.25,
    step_grad_norms=(1.0,),
    max_weight_change=0.1,
    elapsed_s=50.24,
    throughput=34086.68,
    total_s=60.0,
    gpu_gib=0.0,
    checkpointed=True,
    parameters=(
        TensorNorms("proj.weight", 0.3, 0.0),
        TensorNorms("blocks.0.attn.out.weight", 0.2, 2.0),
        TensorNorms("blocks.1.attn.out.weight", 0.4, 4.0),
        TensorNorms("head.bias", math.nan, 1.0),
    ),
    series=SeriesMetrics(
        train=Regression(0.12, 0.08, -0.1212),
        val=Regression(0.105, 0.0719, 0.0655),
        base_loss=0.004,
        delta_loss=0.001,
        base_rmse=0.1205,
        val_base_rmse=0.106,
        slope_rmse=0.0114,
        delta_rmse=0.12,
        improved_share=0.25,
        features=(("vol:60", 0.1), ("roc_14", 0.9)),
    ),
    saved_path="runs/my run/best.pt",
)
LISTED = (
    "G/U=head.bias:nan/nan,attn.out.weight:4.0e-01/1.0e-04,proj.weight:3.0e-01/3.0e+04",
    "OPTS[4:1.0e-03,5.0e-04,2.5e-04,...|cnts=[3, 1]] | GN[head=nan,blocks=0.447,proj=0.300,"
    "TOT=nan] | GD[4.0e-01,4.0e-01,nan] | UR[3.0e+04,nan]",
    "TR[0.1200,0.0800,-0.1212,BASE_RMSE=0.1205,DELTA_RMSE=0.1200] | "
    "VAL[0.1050,0.0719,0.0655,BASE_RMSE=0.1060] | BASE_LOSS=4.0000e-03,DELTA_LOSS=1.0000e-03,"
    "DELTA_RATIO=2.500e-01,BASE_RMSE=0.12050,DELTA_RMSE=0.12000 |  | SR=0.011 | "
    "SL=0.00,HR=0.000 | FMB=0.2500 | T=50.2s,TP=34086.7seg/s | chk=1 | GPU=0.00GiB",
)


def test_an_epoch_in_f2() -> None:
    listed, left, right = LISTED
    layers = "LAYER_GN[proj.weight:3.000e-01/3.00,attn.out.weight:4.000e-01/0.80]"
    first = {"proj.weight": 0.1, "blocks.1.attn.out.weight": 0.5}
    assert epoch_block(RECORD, "F2", first, (3, 1)) == (
        f"\nE07 | {left} | LR_MAIN=1.0e-03 | lr=1.0e-03 | {right} | {layers}\n{listed}\n"
    )


def test_an_epoch_in_g() -> None:
    listed, left, right = LISTED
    saved = "CHKPT SAVED val=0.105 path=runs/my run/best.pt"
    lines = ["", f"E07 | {left} | lr=1.0e-03 | {right} | ", f"{listed} | "]
    lines += ["FEAT_TOP=roc_14:9.00e-01,vol:60:1.00e-01", saved, ""]
    assert epoch_block(RECORD, "G", None, (3, 1)).split("\n") == lines
    unsaved = epoch_block(replace(RECORD, saved_path=None), "G", None, (3, 1))
    assert unsaved.split("\n") == [*lines[:-2], ""]


def test_a_header_says_what_is_known_and_no_more() -> None:
    text = header(HEADER, "F2")
    assert text.startswith(f"\n{'-' * 150}\nRUN START: 2025-11-03T11:48:00.611142Z\n\nSINGLE RUN")
    assert text.endswith(
        "\nBASELINES:\n  TRAIN mean RMSE        = 0.11379\n  TRAIN persistence RMSE = nan\n"
        "  VAL   mean RMSE        = 0.10000\n  VAL   persistence RMSE = 0.01200\n"
        "\nHYPERPARAMS:\n  USE_TCN = True\n  LR_FACTOR = 1e-05\n  MILESTONES = [3, 6]\n"
        "\nDEBUG_OPT GROUPS=2 LRS=['7.2e-05', '3.6e-05'] COUNTS=[3, 1] | MODEL_STATIC: "
        "total_params=614,786 trainable=614,700 frozen=86 | param_bytes=2.35MB\n"
        "BATCH_SHAPE B=7216 groups=1 seq_len_full=20 feat=6\n"
        "MICRODETAIL ms: B=16 gpu_peak_mb=None out_shape=(34,) windows_bytes=159.4KB\n"
    )
    bare = header(replace(HEADER, settings={}, baselines=None, micro={}), "F2").split("\n")
    assert not [x for x in bare if x.startswith(("BASELINES", "HYPER", "MICRO", "  TRAIN"))]


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0B"),
        (1023, "1023B"),
        (1024, "1.0KB"),
        ((1 << 20) - 1, "1024.0KB"),
        (1 << 20, "1.00MB"),
        (8974 << 20, "8974.00MB"),
    ],
)
def test_sizes_are_in_binary_units(count: int, text: str) -> None:
    assert human_bytes(count) == text


def test_a_stamp_without_microseconds_has_no_fraction() -> None:
    whole = replace(HEADER, started=HEADER.started.replace(microsecond=0))
    assert "\nRUN START: 2025-11-03T11:48:00Z\n" in header(whole, "G")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_legends_are_short_and_name_every_field(dialect: str) -> None:
    text = header(HEADER, dialect)
    legend = text[text.index("SINGLE RUN") : text.index("\nBASELINES")]
    assert legend.count("\n") <= 30
    for name in ("OPTS[", "GN[", "SR ", "SCHED_PCT", "G/U=", "chk", "MICRODETAIL ms:"):
        assert name in legend
    assert ("FEAT_TOP" in legend) is (dialect == "G")
    assert ("LAYER_GN" in legend and "LR_MAIN" in legend) is (dialect == "F2")


def test_ratios_are_to_the_first_epoch_of_each_run(tmp_path: Path) -> None:
    tensor = TensorNorms("proj.weight", 0.5, 1.0)
    first = replace(RECORD, parameters=(tensor,))
    later = replace(first, epoch=8, parameters=(replace(tensor, grad_norm=0.25),))
    write(tmp_path / "run.log", "F2", (HEADER, [first, later]), (HEADER, [later]))
    column = "layer_grad_ratio/proj.weight"
    assert list(logparse.read(tmp_path / "run.log", run=1).epochs[column]) == [1.0, 0.5]
    assert list(logparse.read(tmp_path / "run.log", run=2).epochs[column]) == [1.0]


# ---- the file ---------------------------------------------------------------------------------


class Short(io.FileIO):
    """A file on a device that is nearly full."""

    def write(self, data: Any) -> int:
        return super().write(data[: len(data) // 2])


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What each single write to an opened file was."""
    found: list[bytes] = []

    class Spy(io.FileIO):
        def write(self, data: Any) -> int:
            found.append(bytes(data))
            return super().write(data)

    monkeypatch.setattr(Path, "open", lambda path, mode="r", buffering=-1: Spy(path, mode))
    return found


def test_every_block_is_one_write(tmp_path: Path, writes: list[bytes]) -> None:
    path = tmp_path / "new" / "run.log"
    large = replace(RECORD, parameters=RECORD.parameters[:1] * 9999)
    write(path, "G", (HEADER, [large, replace(large, epoch=8)]))
    assert len(writes) == 3
    assert all(block.startswith(b"\n") and block.endswith(b"\n") for block in writes)
    assert path.read_bytes() == b"".join(writes)


def refusals() -> list[Callable[[Path], object]]:
    return [
        lambda folder: RunLogWriter(folder).start(HEADER),
        lambda folder: RunLogWriter(folder).epoch(RECORD),
        lambda folder: RunLogWriter(folder / "x", "F1"),
        lambda folder: RunLogWriter(folder / "x").epoch(replace(RECORD, series=None)),
    ]


@pytest.mark.parametrize("at", range(4))
def test_what_cannot_be_written_is_one_clear_line(tmp_path: Path, at: int) -> None:
    with pytest.raises(TrainerError) as caught:
        refusals()[at](tmp_path)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_write_that_fell_short_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "open", lambda path, mode="r", buffering=-1: Short(path, mode))
    with pytest.raises(TrainerError, match=r"run\.log: .* only \d+ of \d+ bytes"):
        RunLogWriter(tmp_path / "run.log").start(HEADER)


def test_the_writers_do_without_torch() -> None:
    names = "run_log, diagnostics, metrics_json"
    code = f"import sys; from trainer.outputs import {names}; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "False", done.stderr
