"""The trainer's command line: one clear line and exit 2 for what cannot be done."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import logparse

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install 'logdiag[trainer]'")

from trainer.app import main  # noqa: E402

ROOT = Path(__file__).parent.parent.parent
TINY = """
USE_CONV = true
CONV_CHANNELS = 8
TRAIN_WINDOWS = 128
VAL_WINDOWS = 64
MAX_EPOCHS = 3
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.toml"
    path.write_text(TINY)
    return path


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line that the program answers with."""
    assert main(arguments) == 2
    told = capsys.readouterr()
    assert told.out == "" and told.err.startswith("trainer: ") and told.err.count("\n") == 1
    return told.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--scenario", "vanishing-deep-sigmoids"], "did you mean vanishing-deep-sigmoid?"),
        (["--scenario", "overfitting", "--family", "mlp"], "transformer, conv, tcn"),
        (["--scenario", "overfitting", "--config", "x.toml"], "exclude each other"),
        (["--config", "missing.toml"], "missing.toml"),
        (["--resume", "missing.pt"], "no such checkpoint"),
        (["--resume", "missing.pt", "--seed", "3"], "keeps the seed"),
        (["--device", "tpu"], "auto, cuda or cpu"),
        (["--dialect", "A"], "F2 or G"),
        (["--seed", "-1"], "--seed"),
        (["--learning-rate", "3"], "--learning-rate"),
        (["scale", "--only", "MS9"], "MS1, MS2"),
        (["nonsense"], "nonsense"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    arguments: list[str],
    words: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert words in refused(capsys, *arguments)


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has CUDA")
def test_cuda_is_not_silently_replaced(capsys: pytest.CaptureFixture[str]) -> None:
    assert "no CUDA device" in refused(capsys, "--device", "cuda")
    told = refused(capsys, "--scenario", "memory-creep", "--device", "cpu")
    assert "needs a CUDA device" in told


def test_exclusive_options_in_a_file_are_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "two.toml"
    path.write_text("USE_CONV = true\nUSE_TCN = true\n")
    told = refused(capsys, "--config", str(path))
    assert "two.toml" in told and "USE_CONV and USE_TCN" in told


def test_a_folder_that_cannot_be_written_is_said(
    capsys: pytest.CaptureFixture[str], config: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    told = refused(capsys, "--config", str(config), "--out", str(tmp_path / "file" / "folder"))
    assert "cannot be written" in told


def test_a_run_leaves_its_files(
    capsys: pytest.CaptureFixture[str],
    config: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("DIAGNOSTICS_DIR", raising=False)
    out = tmp_path / "out"
    assert main(["--config", str(config), "--out", str(out), "--seed", "4"]) == 0
    assert len(logparse.read(out / "run.log").epochs) == 3
    assert logparse.read(out / "run.log").settings["SEED"] == 4
    lines = (out / "results" / "diagnostics" / "train_diagnostics.jsonl").read_text()
    assert len(lines.splitlines()) == 3
    assert (out / "best.pt").exists() and "E03, all epochs" in capsys.readouterr().err
    assert main(["--resume", str(out / "last.pt"), "--out", str(out)]) == 2
    assert "all its 3 epochs" in capsys.readouterr().err


def test_the_diagnostics_folder_can_be_chosen(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIAGNOSTICS_DIR", str(tmp_path / "elsewhere"))
    assert main(["--config", str(config), "--out", str(tmp_path / "out")]) == 0
    assert (tmp_path / "elsewhere" / "val_diagnostics.jsonl").exists()


def test_sigterm_ends_a_run_with_complete_files(tmp_path: Path) -> None:
    path = tmp_path / "long.toml"
    path.write_text(TINY.replace("MAX_EPOCHS = 3", "MAX_EPOCHS = 100000"))
    command = [sys.executable, "-m", "trainer", "--config", str(path), "--out", str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        log = tmp_path / "run.log"
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not (log.exists() and "E03" in log.read_text()):
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 143 and "stopped by SIGTERM" in told
    assert "Traceback" not in told
    read = logparse.read(log)
    assert len(read.epochs) >= 3 and read.truncation is None
    text = (tmp_path / "results" / "diagnostics" / "train_diagnostics.jsonl").read_text()
    assert [json.loads(line)["epoch"] for line in text.splitlines()] == list(read.epochs["epoch"])


def test_the_scenarios_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenarios"]) == 0
    told = capsys.readouterr().out
    assert "vanishing-deep-sigmoid  (fault)\n" in told and "names GRAD001\n" in told
    assert max(map(len, told.splitlines())) <= 80


def test_without_pytorch_the_trainer_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "import importlib.util; importlib.util.find_spec = lambda name: None\n"
        "from trainer.app import main; sys.exit(main(['scenarios']))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == "trainer: needs PyTorch: pip install 'logdiag[trainer]'\n"
