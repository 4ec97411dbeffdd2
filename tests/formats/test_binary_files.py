"""Binary files: those that are no logs, and those whose decoder is not installed."""

from __future__ import annotations

import io
import pickle
import random
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from fixtures.formats import FILES
from logparse.api import analyze
from logparse.errors import NotALogError
from logparse.session import Session

DECODERS = {
    "events.out.tfevents.rates": ("tensorboard", "tensorboard.compat.proto.event_pb2"),
    "run-finished.wandb": ("wandb", "wandb.proto.wandb_internal_pb2"),
}
PROGRAM = """
import sys
sys.modules[{module!r}] = None
from logdiag.main import main
sys.argv = ["logdiag", "analyze", {path!r}]
sys.exit(main())
"""


def _archive() -> bytes:
    """As `torch.save` writes a checkpoint: an archive with a pickle and raw storage."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("model/data.pkl", pickle.dumps({"epoch": 3, "loss": 0.5}))
        archive.writestr("model/data/0", random.Random(0).randbytes(50_000))
    return file.getvalue()


def _arrays() -> bytes:
    file = io.BytesIO()
    np.savez(file, loss=np.arange(1000.0))
    return file.getvalue()


NO_LOGS = {
    "random.csv": random.Random(1).randbytes(100_000),
    "picture.png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + random.Random(2).randbytes(50_000),
    "state.pkl": pickle.dumps({"loss": [0.5] * 1000, "step": 3}),
    "model.pt": _archive(),
    "arrays.npz": _arrays(),
    "table.parquet": b"PAR1" + random.Random(3).randbytes(20_000) + b"PAR1",
    "other.tfrecord": struct.pack("<QI", 100, 0) + random.Random(4).randbytes(104),
    "cut.wandb": b":W&B\xe1\xbe",
    "old.wandb": b":W&B\x01\x02\x00" + bytes(100),
    "padded.wandb": b":W&B\xe1\xbe\0" + bytes(100_000),
    "zeros.log": bytes(100_000),
}


@pytest.mark.parametrize("name", NO_LOGS)
def test_other_binary_files_are_no_logs(name: str) -> None:
    session = Session(name)
    session.feed(NO_LOGS[name])
    with pytest.raises(NotALogError) as caught:
        session.close()
    assert "\n" not in str(caught.value)


def test_a_large_binary_file_is_given_up_early() -> None:
    session = Session("model.bin")
    chunk, fed = random.Random(5).randbytes(1 << 20), 0
    while not session.is_hopeless and fed < 20:
        session.feed(chunk)
        fed += 1
    assert fed < 20


@pytest.mark.parametrize("name", DECODERS)
def test_a_missing_decoder_is_named_in_one_line(name: str) -> None:
    extra, module = DECODERS[name]
    path = str(FILES / name)
    program = PROGRAM.format(module=module, path=path)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert f"needs an extra package: pip install 'logdiag[{extra}]'" in line


@pytest.mark.parametrize("name", DECODERS)
def test_a_missing_decoder_is_told_of_a_folder_too(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    extra, module = DECODERS[name]
    monkeypatch.setitem(sys.modules, module, None)
    (tmp_path / name).write_bytes((FILES / name).read_bytes())
    (failure,) = analyze(tmp_path).errors
    assert f"logdiag[{extra}]" in failure.message


def test_no_decoder_is_loaded_for_other_logs() -> None:
    program = (
        "import sys; from logparse.api import read_all; "
        f"read_all({str(FILES / 'epochs.jsonl')!r}); "
        "print([n for n in ('google.protobuf', 'tensorboard', 'wandb') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
