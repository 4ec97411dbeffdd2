"""A folder with a few logs for every test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.logs import log_text, write_log


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a few logs, no two of them alike, as the current one."""
    monkeypatch.chdir(tmp_path)
    for epochs, name in enumerate(("base-0", "base-1", "wide-0", "wide-1"), start=8):
        write_log(tmp_path, f"{name}.log", epochs=epochs)
    (tmp_path / "two.log").write_text(log_text(5) + log_text(6), encoding="utf-8")
    return tmp_path
