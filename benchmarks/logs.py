"""Long logs for the benchmarks."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from fixtures.dialects import header, simulate, write

BLOCK_EPOCHS = 5_000


@cache
def f2_log(epochs: int = BLOCK_EPOCHS) -> bytes:
    """A run of dialect F2 with 40 listed parameters; 5,000 epochs are about 9.6 MB."""
    return write(simulate("F2", epochs=epochs)).encode()


def write_log(path: Path, *, megabytes: int) -> None:
    """One F2 run of at least that size: the 5,000 epochs again and again under rising numbers."""
    head = header(simulate("F2", epochs=1)).encode()
    body = "\nE01 " + f2_log().decode().split("\nE01 ", maxsplit=1)[1]
    written, blocks = 0, 0
    with path.open("wb") as stream:
        written += stream.write(head)
        while written < megabytes * 1_000_000:
            block = _renumbered(body, by=blocks * BLOCK_EPOCHS)
            wanted = megabytes * 1_000_000 - written
            if wanted < len(block):
                block = block[: block.index(b"\n\n", wanted) + 1]
            written += stream.write(block)
            blocks += 1


def _renumbered(body: str, *, by: int) -> bytes:
    def raise_number(found: re.Match[str]) -> str:
        return f"E{int(found[1]) + by:02d}"

    return re.sub(r"^E(\d+)", raise_number, body, flags=re.MULTILINE).encode()
