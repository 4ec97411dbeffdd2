"""`logdiag demo`: four logs of the corpus, whose truth is known."""

import json
import lzma
from pathlib import Path

import pytest
from program import run_program

import logparse
from logdiag.demo import SAMPLES, Sample

SCENARIOS = Path(__file__).parents[2] / "fixtures" / "scenarios"
LABELS = json.loads((SCENARIOS / "labels.json").read_text())["scenarios"]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_sample_is_a_log_of_the_corpus(sample: Sample) -> None:
    log = SCENARIOS / sample.scenario / "transformer-0.log.xz"
    assert sample.log() == lzma.decompress(log.read_bytes())


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_the_diagnosis_of_a_sample_is_its_truth(sample: Sample, tmp_path: Path) -> None:
    path = tmp_path / f"{sample.name}.log"
    path.write_bytes(sample.log())
    (judged,) = logparse.analyze(path).runs
    serious = {found.code for found in judged.findings if found.severity.rank > 1}
    label = LABELS[sample.scenario]
    assert serious <= {*label["expects"], *label["accepts"]}
    assert serious & {*label["expects"]} or not label["expects"]


def test_four_logs_are_written_and_the_next_commands_told(tmp_path: Path) -> None:
    done = run_program(["demo", "my demo"], cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert sorted(path.stem for path in (tmp_path / "my demo").iterdir()) == sorted(
        sample.name for sample in SAMPLES
    )
    assert "logdiag compare 'my demo/healthy.log' 'my demo/early-lr-drop.log'" in done.stdout
    assert run_program(["demo", "my demo"], cwd=tmp_path).returncode == 0


def test_a_file_of_ones_own_is_not_overwritten(tmp_path: Path) -> None:
    mine = tmp_path / "overfitting.log"
    mine.write_text("mine")
    done = run_program(["demo", "."], cwd=tmp_path)
    assert done.returncode == 2 and "--force" in done.stderr and not done.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["overfitting.log"]
    assert mine.read_text() == "mine"
    assert run_program(["demo", ".", "--force"], cwd=tmp_path).returncode == 0
    assert mine.read_text() != "mine"


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run_program(["demo", "file/demo"], cwd=tmp_path)
    assert done.returncode == 2 and done.stderr.count("\n") == 1


def test_the_samples_are_small() -> None:
    folder = Path(logparse.__file__).parents[1] / "cli" / "logdiag" / "demo"
    assert sum(path.stat().st_size for path in folder.glob("*.xz")) < 300_000
