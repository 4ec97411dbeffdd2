"""Folders as MLflow, W&B, TensorBoard and trainers lay them out, from end to end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

import logparse
from fixtures.formats import hf_trainer_state, lightning_csv, ultralytics_csv, wandb_file
from fixtures.formats.curves import course
from fixtures.formats.mlflow_metric import BEGUN_MS
from fixtures.formats.tensorboard_events import (
    VERSION,
    event,
    framed,
    hyperparameters,
    tensor_event,
)
from logdiag.main import main
from logparse.findings import Report
from logparse.formats.wandb_file import WandbReader
from logparse.run import Run

META = "run_id: {0}\nrun_name: {0}\nstart_time: 1760000000250\nstatus: 3\n"
PRINTED = "".join(f"epoch {at}: train_loss={2 / at:.4f}\n" for at in range(1, 12))


def lay(root: Path, files: Mapping[str, str | bytes]) -> str:
    """The folder, with these files in it."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(root)


def sources(report: Report, root: Path) -> list[str]:
    return [Path(one.run.source).relative_to(root).as_posix() for one in report.runs]


def only(path: str | Path) -> Run:
    """The one run of a folder, which has no fault."""
    report = logparse.analyze(path)
    assert not report.errors and len(report.runs) == 1
    return report.runs[0].run


def events(at: int) -> str:
    return f"events.out.tfevents.{1_760_000_000 + at}.host.1.0"


def losses(first: int = 1, last: int = 30, seed: int = 0) -> bytes:
    moments = course(30, seed=seed)[first - 1 : last]
    told = [event(m.at * 10, train__loss=m.train_loss, train__lr=m.lr) for m in moments]
    held = [event(m.at * 10, val__loss=m.val_loss) for m in moments if m.at % 5 == 0]
    return framed(VERSION, *told, *held)


class TestMlflow:
    @staticmethod
    def stored(name: str, seed: int) -> dict[str, str]:
        metrics = {
            "train/loss": [(m.at * 10, m.train_loss) for m in course(30, seed=seed)],
            "val_loss": [(m.at * 10, m.val_loss) for m in course(30, seed=seed)[4::5]],
            "loss": [(m.at * 10, m.train_loss + 1) for m in course(30, seed=seed)],
            "epoch": [(m.at * 10, m.at / 10) for m in course(30)],
            "system/gpu_0_power": [(at, 300.0) for at in range(50)],
        }
        files = {
            f"{name}/metrics/{metric}": "".join(
                f"{BEGUN_MS + step * 100} {value} {step}\n" for step, value in values
            )
            for metric, values in metrics.items()
        }
        return files | {
            f"{name}/metrics/test_loss": f"{BEGUN_MS + 31_000} 0.91 0\n",
            f"{name}/meta.yaml": META.format(name),
            f"{name}/params/lr": "0.001",
            f"{name}/params/note": PRINTED,
            f"{name}/tags/mlflow.note": PRINTED,
        }

    @pytest.fixture
    def root(self, tmp_path: Path) -> Path:
        lay(tmp_path / "mlruns/0", self.stored("abc", 1) | self.stored("def", 2))
        lay(tmp_path / "mlruns/0", {"meta.yaml": "name: Default\n", "tags/note": PRINTED})
        return tmp_path

    def test_each_run_folder_is_a_run(self, root: Path) -> None:
        report = logparse.analyze(root)
        assert sources(report, root) == ["mlruns/0/abc", "mlruns/0/def"]
        assert not report.errors and not report.remarks
        run = report.runs[0].run
        assert {"train_loss", "val_loss", "train/loss"} <= {*run.epochs}
        assert run.epochs["step"].tolist() == [*range(10, 301, 10)]
        assert run.epochs["val_loss"].notna().sum() == 6
        tested = run.epochs.dropna(subset=["test_loss"])
        assert tested["step"].tolist() == [300]
        assert dict(run.settings) == {"lr": 0.001, "note": PRINTED.strip()}
        assert run.started is not None and run.micro["status"] == "FINISHED"
        assert run.coverage.lines == run.coverage.parsed == 97

    def test_commands_take_run_folders(
        self, root: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        first, second = (str(root / "mlruns/0" / name) for name in ("abc", "def"))
        assert main(["export", first]) == 0
        assert len(capsys.readouterr().out.splitlines()) == 31
        compared = logparse.compare(first, second)
        assert [side.entrants[0].run.source for side in compared.sides] == [first, second]

    def test_a_run_that_logged_nothing_is_no_log(self, root: Path) -> None:
        lay(root / "other", {"meta.yaml": META.format("x"), "params/note": PRINTED})
        assert "no training log" in str(logparse.analyze(root / "other").errors[0])
        assert only(root / "other/params/note").has("train_loss")

    def test_lines_that_broke_and_logs_among_the_artifacts(self, root: Path) -> None:
        folder = root / "mlruns/0/abc"
        with (folder / "metrics/loss").open("a") as file:
            file.write("\nrubbish\n")
        lay(folder, {"artifacts/train.log": PRINTED})
        run = only(folder)
        assert run.coverage.blank == run.coverage.unparsed == 1
        assert run.coverage.parsed == 97 and run.unparsed[0].text == "rubbish"
        (remark,) = logparse.analyze(folder).remarks
        assert "artifacts/train.log: not read" in remark


class TestWandb:
    @pytest.fixture
    def root(self, tmp_path: Path) -> Path:
        for name, sample in {"run-20260101_000000-a": "finished",
                             "offline-run-20260102_000000-b": "crashed"}.items():  # fmt: skip
            content = wandb_file.samples()[f"run-{sample}.wandb"]
            lay(tmp_path / name, {f"run-{name[-1]}.wandb": content, "logs/debug.log": PRINTED,
                                  "files/output.log": PRINTED})  # fmt: skip
        lay(tmp_path, {"debug.log": PRINTED})
        return tmp_path

    def test_its_own_file_is_the_run(self, root: Path) -> None:
        report = logparse.analyze(root)
        assert [Path(name).name for name in sources(report, root)] == ["run-b.wandb", "run-a.wandb"]
        assert not report.errors and not report.remarks
        printed = root / "run-20260101_000000-a/files/output.log"
        assert only(printed).format == "key-value"

    def test_from_within_its_folder(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(root / "run-20260101_000000-a")
        assert only(".").format == "wandb-file"

    def test_without_the_extra(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def missing() -> None:
            raise ImportError

        monkeypatch.setattr(WandbReader, "decoder", staticmethod(missing))
        report = logparse.analyze(root / "run-20260101_000000-a")
        assert not report.runs and len(report.errors) == 1
        assert "pip install 'logdiag[wandb]'" in str(report.errors[0])

    def test_a_run_that_was_only_begun_is_passed_over(self, root: Path) -> None:
        begun = wandb_file.framed(wandb_file.run({"lr": 1.0}))
        lay(root, {"run-20260103_000000-c/run-c.wandb": begun})
        report = logparse.analyze(root)
        assert len(report.runs) == 2 and not report.errors


class TestTensorBoard:
    def test_subfolders_are_runs(self, tmp_path: Path) -> None:
        root = lay(tmp_path, {f"a/{events(1)}": losses(), f"b/{events(2)}": losses(seed=1),
                              f"c/{events(3)}": framed(VERSION)})  # fmt: skip
        report = logparse.analyze(root)
        assert sources(report, tmp_path) == [f"a/{events(1)}", f"b/{events(2)}"]
        assert not report.errors
        assert len(logparse.compare(root).sides) == 2

    def test_a_restart_in_another_file_is_stitched(self, tmp_path: Path) -> None:
        lay(tmp_path, {events(1): losses(last=20), events(2): losses(first=16)})
        run = only(tmp_path)
        assert run.source == str(tmp_path) and [one.number for one in run.seams] == [160.0]
        assert run.epochs["step"].tolist() == [*range(10, 301, 10)]

    @pytest.mark.parametrize("has_outer", [True, False])
    def test_charts_and_hyperparameters_are_of_the_outer_run(
        self, tmp_path: Path, has_outer: bool
    ) -> None:
        moments = course(12)
        outer = [event(m.at, lr=m.lr) for m in moments] if has_outer else []
        curves = {
            "loss_train": [event(m.at, loss=m.train_loss) for m in moments],
            "loss_val": [event(m.at, loss=m.val_loss) for m in moments],
            "1760000000.25": [hyperparameters(bs=8), event(0, top=0.5)],
        }
        inner = {f"{name}/{events(2)}": framed(VERSION, *told) for name, told in curves.items()}
        lay(tmp_path / "r", {events(1): framed(VERSION, *outer), **inner})
        run = only(tmp_path)
        assert run.source == str(tmp_path / "r") and len(run.epochs) == 12
        assert run.has("train_loss") and run.has("val_loss") and run.has("lr") == has_outer
        assert dict(run.settings) == {"bs": 8} and run.micro["summary/top"] == 0.5

    def test_runs_below_event_files_are_runs_of_their_own(self, tmp_path: Path) -> None:
        lay(tmp_path, {events(0): losses(), f"a/{events(1)}": losses(seed=1),
                       f"b/{events(2)}": losses(seed=2)})  # fmt: skip
        report = logparse.analyze(tmp_path)
        assert len(report.runs) == 3 and not report.errors

    def test_both_splits_of_keras_are_one_run(self, tmp_path: Path) -> None:
        for split in ("train", "validation"):
            told = [tensor_event(m.at, "epoch_loss", m.train_loss) for m in course(9)]
            lay(tmp_path / split, {f"{events(1)}.v2": framed(VERSION, *told)})
        run = only(tmp_path)
        assert run.has("train_loss") and run.has("val_loss") and len(run.epochs) == 9


class TestTrainers:
    def test_lightning_tells_a_version_once(self, tmp_path: Path) -> None:
        table = lightning_csv.samples()["metrics_twins.csv"]
        for at in (0, 1):
            lay(tmp_path / f"version_{at}", {"metrics.csv": table, events(at): losses(),
                                             "hparams.yaml": "lr: 0.1\nepochs: 3\n"})  # fmt: skip
        report = logparse.analyze(tmp_path)
        assert sources(report, tmp_path) == ["version_0/metrics.csv", "version_1/metrics.csv"]
        (remark,) = report.remarks
        assert "events" in remark and "not read" in remark
        assert only(tmp_path / "version_0" / events(0)).format == "tensorboard-events"
        lay(tmp_path, {"version_1/metrics.csv": "name\nnone\n"})
        (tmp_path / "version_0/metrics.csv").unlink()
        found = logparse.analyze(tmp_path / "version_1")
        assert [one.run.format for one in found.runs] == ["tensorboard-events"]

    def test_the_state_of_hugging_face_is_the_run(self, tmp_path: Path) -> None:
        state = json.loads(hf_trainer_state.samples()["trainer_state.json"])
        for step in (100, 200):
            told = [one for one in state["log_history"] if one["step"] <= step]
            begun = json.dumps(state | {"log_history": told})
            lay(tmp_path / f"checkpoint-{step}", {"trainer_state.json": begun})
        lay(tmp_path, {"trainer_state.json": json.dumps(state),
                       f"runs/Oct09_host/{events(1)}": losses()})  # fmt: skip
        run = only(tmp_path)
        assert run.source == str(tmp_path / "trainer_state.json")
        kept, left = logparse.analyze(tmp_path).remarks
        assert "checkpoint-100" in kept and "checkpoint-200" in kept
        assert "Oct09_host" in left and "not read" in left

    def test_tables_of_ultralytics_are_runs_beside_runs_of_others(self, tmp_path: Path) -> None:
        table = ultralytics_csv.samples()["results_v8.csv"]
        lay(tmp_path, {"detect/train/results.csv": table, "detect/train2/results.csv": table,
                       f"detect/train2/{events(1)}": losses(),
                       f"other/{events(1)}": losses()})  # fmt: skip
        report = logparse.analyze(tmp_path)
        formats = sorted(one.run.format for one in report.runs)
        assert formats == ["tensorboard-events", "ultralytics-csv", "ultralytics-csv"]
        assert len(report.remarks) == 1
