"""Whole runs of a tiny model: what they write is read back, and a resumed run is the same run."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

import logparse

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install 'logdiag[trainer]'")

from torch.utils._python_dispatch import TorchDispatchMode  # noqa: E402

from trainer import devices  # noqa: E402
from trainer.errors import TrainerError  # noqa: E402
from trainer.hooks import Hooks  # noqa: E402
from trainer.records import EpochRecord  # noqa: E402
from trainer.run_files import RunFiles  # noqa: E402
from trainer.settings import Settings  # noqa: E402
from trainer.stopping import StopRequest  # noqa: E402
from trainer.training import Result, Training  # noqa: E402

TINY: dict[str, Any] = {
    "USE_CONV": True,
    "CONV_CHANNELS": 8,
    "PRED_HIDDEN": 8,
    "TRAIN_WINDOWS": 128,
    "VAL_WINDOWS": 64,
    "TRAIN_BATCH": 32,
    "MAX_EPOCHS": 4,
}
LETTERS: dict[str, Any] = {
    "TASK": "letters",
    "TRANSFORMER_D_MODEL": 8,
    "TRAIN_WINDOWS": 64,
    "VAL_WINDOWS": 32,
    "MAX_EPOCHS": 3,
}
CPU = devices.choose("cpu")


def training(folder: Path, given: dict[str, Any], dialect: str = "F2", **rest: Any) -> Training:
    settings = Settings.from_mapping(given)
    is_resumed = "resume" in rest
    diagnostics = folder / "diagnostics"
    files = RunFiles(
        folder, settings, device="cpu", dialect=dialect, diagnostics=diagnostics, resume=is_resumed
    )
    return Training(settings, CPU, files, **rest)


def figures(result: Result) -> list[tuple[float, ...]]:
    """Everything of each epoch that does not depend on the clock."""
    return [(r.epoch, r.lr, r.train_loss, r.val_loss, *r.step_grad_norms) for r in result.records]


@pytest.mark.parametrize("dialect", ["F2", "G"])
@pytest.mark.parametrize("precision", ["bf16", "fp32", "fp16"])
def test_the_run_log_is_read_back(tmp_path: Path, dialect: str, precision: str) -> None:
    run = training(tmp_path, TINY | {"PRECISION": precision, "USE_DELTA": True}, dialect)
    result = run.run()
    read = logparse.read(tmp_path / "run.log")
    assert read.dialect == dialect and read.unparsed == ()
    assert len(result.records) == len(read.epochs) == 4
    for record, (_, row) in zip(result.records, read.epochs.iterrows(), strict=True):
        assert record.series is not None
        assert row["val_rmse"] == pytest.approx(record.series.val.rmse, abs=5.1e-5)
        assert row["delta_rmse"] == pytest.approx(record.series.delta_rmse, abs=5.1e-6)
        assert row["lr"] == pytest.approx(record.lr, rel=0.051)
    assert read.settings["PRECISION"] == precision
    assert read.baselines["val_persistence_rmse"] == pytest.approx(
        run.task.data.baselines.val_persistence,
        abs=5.1e-6,  # type: ignore[attr-defined]
    )
    listed = read.parameters[read.parameters["epoch"] == 4]
    norms = {n.name: n.grad_norm for n in result.records[-1].parameters}
    shown = dict(zip(listed["name"], listed["grad_norm"], strict=True))
    assert shown["feature_proj.weight"] == pytest.approx(norms["feature_proj.weight"], rel=0.051)


def test_what_the_log_says_of_the_model_is_so(tmp_path: Path) -> None:
    run = training(tmp_path, TINY)
    run.run()
    read = logparse.read(tmp_path / "run.log")
    count = sum(p.numel() for p in run.model.parameters())
    assert read.model["total_params"] == count == read.micro["total_params"]
    assert read.micro["windows_bytes"].count == pytest.approx(32 * 12 * 6 * 4, rel=0.01)
    assert read.micro["backward_ms"] > 0
    assert "gpu_peak_mb" not in read.micro  # a CPU keeps no such count


def test_a_resumed_run_is_the_run_that_was_not_interrupted(tmp_path: Path) -> None:
    whole = figures(training(tmp_path / "whole", TINY).run())
    first = figures(training(tmp_path / "parts", TINY).run(until=2))
    resume = tmp_path / "parts" / "last.pt"
    rest = figures(training(tmp_path / "parts", TINY, resume=resume).run())
    assert first + rest == whole
    starts = (tmp_path / "parts" / "run.log").read_text().count("RUN START")
    assert starts == 2
    lines = (tmp_path / "parts" / "diagnostics" / "train_diagnostics.jsonl").read_text()
    assert [json.loads(line)["epoch"] for line in lines.splitlines()] == [1, 2, 3, 4]


def test_the_snapshot_and_the_diagnostics_change_nothing(tmp_path: Path) -> None:
    with_them = training(tmp_path / "a", TINY).run()
    without = training(tmp_path / "b", TINY, diagnostics=False).run()
    assert [r.val_loss for r in with_them.records] == [r.val_loss for r in without.records]


def test_the_change_of_weights_is_counted_from_the_resume_on(tmp_path: Path) -> None:
    whole = training(tmp_path / "whole", TINY).run()
    training(tmp_path / "parts", TINY).run(until=2)
    rest = training(tmp_path / "parts", TINY, resume=tmp_path / "parts" / "last.pt").run()
    changes = [r.max_weight_change for r in whole.records]
    assert [r.max_weight_change for r in rest.records] == changes[2:]


class Overflowing(Hooks):
    """Every loss of the second epoch overflows fp16."""

    def on_loss(self, epoch: int, step: int, loss: torch.Tensor) -> torch.Tensor:
        return loss * 1e30 if epoch == 2 else loss


@pytest.mark.parametrize("guard", [True, False])
def test_steps_that_the_scaler_skips_are_counted(tmp_path: Path, guard: bool) -> None:
    given = TINY | {"PRECISION": "fp16", "NAN_GUARD": guard}
    records = training(tmp_path, given, hooks=Overflowing()).run().records
    assert records[1].skipped_batches == 4 and records[3].skipped_batches == 0
    scales = [r.loss_scale or 0 for r in records]
    assert scales[1] == scales[0] / 16


def test_another_runs_checkpoint_is_refused(tmp_path: Path) -> None:
    training(tmp_path, TINY).run(until=1)
    with pytest.raises(TrainerError, match=r"other settings: PRED_HIDDEN, SEED$"):
        training(tmp_path, TINY | {"SEED": 1, "PRED_HIDDEN": 9}, resume=tmp_path / "last.pt")


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"PK\x03\x04 neither"])
def test_a_foreign_file_is_no_checkpoint(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "foreign.pt"
    path.write_bytes(content)
    with pytest.raises(TrainerError, match="not a checkpoint of this trainer"):
        training(tmp_path, TINY, resume=path)


def test_a_finished_run_is_not_resumed(tmp_path: Path) -> None:
    training(tmp_path, TINY).run()
    with pytest.raises(TrainerError, match="has had all its 4 epochs"):
        training(tmp_path, TINY, resume=tmp_path / "last.pt")


class Raising(Hooks):
    """Weights that no validation likes."""

    def on_update(self, epoch: int, step: int, model: torch.nn.Module) -> None:
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.mul_(1.2)


def test_an_early_stop_ends_the_run(tmp_path: Path) -> None:
    given = TINY | {"EARLY_STOP_PATIENCE": 2, "MAX_EPOCHS": 30}
    result = training(tmp_path, given, hooks=Raising()).run()
    best = min(range(len(result.records)), key=lambda at: result.records[at].val_loss)
    assert result.ended == "no better for 2 epochs" and len(result.records) == best + 3 < 30


def test_a_request_to_stop_leaves_complete_files(tmp_path: Path) -> None:
    stop = StopRequest()

    def after_two(record: EpochRecord) -> None:
        if record.epoch == 2:
            stop.name = "SIGTERM"

    result = training(tmp_path, TINY).run(stop, watch=after_two)
    assert result.ended == "stopped by SIGTERM"
    read = logparse.read(tmp_path / "run.log")
    assert len(read.epochs) == 2 and read.truncation is None


def test_the_checkpoint_flag_tells_of_the_epoch_before(tmp_path: Path) -> None:
    result = training(tmp_path, TINY).run()
    best, expected = math.inf, [False]
    for record in result.records:
        expected.append(record.val_loss < best)
        best = min(best, record.val_loss)
    assert [r.checkpointed for r in result.records] == expected[:-1]


def test_letters_write_the_metrics_document(tmp_path: Path) -> None:
    result = training(tmp_path, LETTERS).run()
    path = tmp_path / "output" / "part1_training_metrics.json"
    document = json.loads(path.read_text())
    assert not (tmp_path / "run.log").exists()
    assert [epoch["epoch"] for epoch in document["epochs"]] == [1, 2, 3]
    shown = document["epochs"][-1]["dev_accuracy"]
    assert (
        shown
        == round(result.records[-1].val_accuracy or 0, 4)
        == document["final_results"]["dev_accuracy"]
    )
    inference = document["final_inference"]
    assert len(inference["example_input"]) == 20
    assert [sum(map(math.exp, row)) for row in inference["log_probs"]] == pytest.approx([1] * 20)
    maps = inference["attention_weights"]
    assert len(maps) == 2 and [len(m) for m in maps] == [20, 20]
    assert [sum(row) for m in maps for row in m] == pytest.approx([1] * 40)
    lines = (tmp_path / "diagnostics" / "val_diagnostics.jsonl").read_text().splitlines()
    assert json.loads(lines[-1])["accuracy"] == pytest.approx(
        100 * (result.records[-1].val_accuracy or 0)
    )


def test_letters_can_be_learned(tmp_path: Path) -> None:
    given = LETTERS | {
        "TRANSFORMER_D_MODEL": 16,
        "TRAIN_WINDOWS": 1024,
        "MAX_EPOCHS": 12,
        "PRECISION": "fp32",
    }
    result = training(tmp_path, given).run()
    always_zero = 0.4  # about the share of the commonest class
    assert (result.records[-1].val_accuracy or 0) > always_zero + 0.2


class Reads(TorchDispatchMode):
    """Counts operations that make the host wait for the device."""

    WAITING = ("_local_scalar_dense", "is_nonzero", "nonzero", "masked_select", "unique")

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> object:
        name = func.overloadpacket.__name__
        if any(part in name for part in self.WAITING):
            self.names.append(name)
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("precision", ["bf16", "fp16", "fp32"])
@pytest.mark.parametrize("given", [TINY, LETTERS], ids=["series", "letters"])
def test_an_epoch_waits_for_the_device_once(
    tmp_path: Path, given: dict[str, Any], precision: str
) -> None:
    run = training(tmp_path, given | {"PRECISION": precision})
    with Reads() as reads:
        train = run.train_pass(1, StopRequest())
        val = run.validate()
        run.task.summary(train, val, run.model)
        run.gradients.tensors()
    assert reads.names == []
    with Reads() as reads:
        torch.ones(1).item()
    assert reads.names == ["_local_scalar_dense"]
