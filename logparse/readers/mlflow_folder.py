"""What the folder of a run in MLflow's local store tells besides its metrics."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from logparse.readers.points.table import Facts
from logparse.readers.values import literal
from logparse.records import Setting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_VALUE_BYTES = 1 << 16
"""So much of a file of one value is read; MLflow writes no longer ones."""
_STATUS = {"1": "RUNNING", "2": "SCHEDULED", "3": "FINISHED", "4": "FAILED", "5": "KILLED"}
_RUN_NAME = "mlflow.runName"


def is_run_folder(folder: Path) -> bool:
    """True for the folder of one run, `mlruns/<experiment>/<run>`."""
    return (folder / "meta.yaml").is_file() and (folder / "metrics").is_dir()


def folder_facts(folder: Path) -> Facts:
    """Parameters as settings; start, and in `micro` `run_name`, `status` and `end_text`.

    Raises nothing: what is not there or cannot be read is left out.
    """
    facts = Facts()
    for name, text in _values(folder / "params"):
        facts.settings[name] = Setting(1, name, text, literal(text))
    meta = _meta(_text(folder / "meta.yaml"))
    name = meta.get("run_name") or dict(_values(folder / "tags")).get(_RUN_NAME, "")
    status = _STATUS.get(meta.get("status", ""), meta.get("status", ""))
    ended = _stamp(meta.get("end_time", ""))
    told = {"run_name": name, "status": status, "end_text": ended.isoformat() if ended else ""}
    facts.micro |= {key: text for key, text in told.items() if text}
    facts.started = _stamp(meta.get("start_time", ""))
    facts.start_text = facts.started.isoformat() if facts.started else ""
    return facts


def _values(folder: Path) -> Iterator[tuple[str, str]]:
    """Files of one value each, by their path below the folder."""
    if folder.is_dir():
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                yield path.relative_to(folder).as_posix(), _text(path)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(MAX_VALUE_BYTES).decode("utf-8", "replace").strip()
    except OSError:
        return ""


def _meta(text: str) -> dict[str, str]:
    """`key: value` a line, as MLflow writes it: flat, some values in quotes, null for none."""
    pairs = (line.partition(":") for line in text.splitlines())
    values = {key.strip(): value.strip().strip("'\"") for key, _, value in pairs}
    return {key: value for key, value in values.items() if value not in ("", "null")}


def _stamp(text: str) -> datetime | None:
    """Milliseconds since 1970 as a time, UTC."""
    try:
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
