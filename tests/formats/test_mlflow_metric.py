"""MLflow's local store: a metric's file, and what the folder of its run tells besides."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from logparse.errors import NotALogError
from logparse.formats.mlflow_metric import MlflowMetricReader, metric_name
from logparse.readers.mlflow_folder import folder_facts, is_run_folder
from logparse.run import Run
from logparse.session import Session

META = """\
artifact_uri: file:///runs/1/abc/artifacts
end_time: 1760000100500
entry_point_name: ''
experiment_id: '1'
lifecycle_stage: active
run_id: abc
run_name: bright-sun-7
start_time: 1760000000250
status: {status}
tags: []
"""


def read(text: str, source: str = "mlruns/0/abc/metrics/train/loss") -> Run:
    session = Session(source, rules=())
    session.feed(text.encode())
    return session.run(-1)


def test_a_line_is_a_time_a_value_and_a_step() -> None:
    one = read("1700000000000 0.52 3\n1700000001500 1e-3 6\n")
    assert one.points is not None
    assert one.points["clock_s"].tolist() == [1.7e9, 1.7e9 + 1.5]
    assert one.points["train_loss"].tolist() == [0.52, 1e-3]
    assert one.points["step"].tolist() == [3.0, 6.0]


@pytest.mark.parametrize("step", ["", " 0"])
def test_values_that_were_logged_without_a_step_are_counted(step: str) -> None:
    one = read("".join(f"170000000{at}000 {2 / (at + 1)}{step}\n" for at in range(5)))
    assert one.axis == "record" and len(one.epochs) == 5


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("mlruns/0/abc/metrics/loss", "loss"),
        ("mlruns/0/abc/metrics/val/metrics/loss", "loss"),
        ("mlruns/0/abc/metrics/system/gpu_0/memory", "system/gpu_0/memory"),
        ("val_loss", "val_loss"),
        ("some/where/val_loss", "val_loss"),
        ("metrics", "value"),
        ("", "value"),
    ],
)
def test_the_name_of_the_metric_is_in_the_path(path: str, name: str) -> None:
    assert metric_name(path) == name


@pytest.mark.parametrize(
    "line",
    ["1700000000000 0.5 3 4", "1700000000 0.5 3", "1700000000000,0.5,3", "1700000000000 three",
     "170000 train 0.5", "1700000000000"],
)  # fmt: skip
def test_other_lines_of_numbers_are_not_it(line: str) -> None:
    assert not MlflowMetricReader.begins(f"{line}\n".encode())


def test_a_line_that_broke_is_not_lost() -> None:
    one = read("1700000000000 0.52 3\nrubbish\n1700000001500 0.5 6")
    assert one.coverage.unparsed_ranges == ((2, 2),) and len(one.epochs) == 2


def test_a_file_of_times_alone_is_no_log() -> None:
    with pytest.raises(NotALogError):
        read("1700000000000\n1700000000001\n")


def _folder(path: Path, status: str = "3") -> Path:
    for name, text in {
        "meta.yaml": META.format(status=status),
        "metrics/loss": "1760000000300 2.5 0\n",
        "params/lr": "0.001",
        "params/optimizer/name": "adamw",
        "tags/mlflow.runName": "older-name",
    }.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text)
    return path


def test_a_folder_tells_parameters_and_facts(tmp_path: Path) -> None:
    facts = folder_facts(_folder(tmp_path))
    assert {k: s.value for k, s in facts.settings.items()} == {
        "lr": 0.001, "optimizer/name": "adamw"
    }  # fmt: skip
    assert facts.micro == {
        "run_name": "bright-sun-7", "status": "FINISHED",
        "end_text": "2025-10-09T08:55:00.500000+00:00",
    }  # fmt: skip
    assert facts.started == datetime(2025, 10, 9, 8, 53, 20, 250_000, UTC)
    assert is_run_folder(tmp_path) and not is_run_folder(tmp_path / "params")


def test_a_run_that_was_killed_or_is_named_by_a_tag(tmp_path: Path) -> None:
    meta = _folder(tmp_path, "KILLED") / "meta.yaml"
    meta.write_text(meta.read_text().replace("run_name: bright-sun-7\n", ""))
    facts = folder_facts(tmp_path)
    assert facts.micro["status"] == "KILLED" and facts.micro["run_name"] == "older-name"


def test_a_folder_with_nothing_in_it_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / "meta.yaml").write_bytes(b"\xff\0: : :\nstart_time: 99999999999999999999\n")
    facts = folder_facts(tmp_path)
    assert not facts.settings and not facts.micro and facts.started is None
