"""Long logs for the benchmarks."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from fixtures.dialects import header, simulate, write

BLOCK_EPOCHS = 5_000


@cache
def f2_log() -> bytes:
    """5,000 epochs of dialect F2 with 40 listed parameters, about 9.6 MB."""
    return write(simulate("F2", epochs=BLOCK_EPOCHS)).encode()


def write_log(path: Path, *, megabytes: int) -> None:
    """One F2 run of at least that size: the 5,000 epochs again and again under rising numbers."""
    head = header(simulate("F2", epochs=1)).encode()
    blocks = f2_log().decode().split("\nE01 ", maxsplit=1)[1]
    body = "\nE01 " + blocks
    written, offset = 0, 0
    with path.open("wb") as stream:
        written += stream.write(head)
        while written < megabytes * 1_000_000:
            block = re.sub(
                r"^E(\d+)", lambda found: f"E{int(found[1]) + offset:02d}", body, flags=re.MULTILINE
            ).encode()
            stop = megabytes * 1_000_000 - written
            if stop < len(block):
                block = block[: block.rindex(b"\n\n", 0, stop) + 1] if stop > 4000 else block
            written += stream.write(block)
            offset += BLOCK_EPOCHS
            if stop < len(block) or stop <= 4000:
                break
