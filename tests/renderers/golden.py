"""Texts that read as they did: files beside the tests, rewritten by `--update-golden`."""

from __future__ import annotations

from pathlib import Path

SNAPSHOTS = Path(__file__).with_name("snapshots")


def compare(name: str, text: str, *, update: bool) -> None:
    """Fail where the text is not that of the named snapshot."""
    path = SNAPSHOTS / f"{name}.txt"
    if update:
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
