"""Plays a log as a training would write it, from a process of its own.

`python -m tests.following.writer TEXT_FILE LOG [--pause S] [--half] [--kill-after N]
[--truncate-after N] [--rotate-after N]`: the text goes to the log a block at a time (what stands
before the first epoch, then each epoch), in two halves with `--half`. After N blocks the writer
kills itself in the middle of the next one, begins the log anew, or moves it aside and goes on.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import time
from itertools import pairwise
from pathlib import Path


def blocks_of(text: str) -> list[str]:
    """What stands before the first epoch, then each epoch."""
    starts = [match.start() for match in re.finditer(r"^E\d+ ", text, re.MULTILINE)]
    ends = [0, *starts, len(text)]
    return [text[a:b] for a, b in pairwise(ends)]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("text", type=Path)
    parser.add_argument("log", type=Path)
    parser.add_argument("--pause", type=float, default=0.05)
    parser.add_argument("--half", action="store_true")
    parser.add_argument("--kill-after", type=int)
    parser.add_argument("--truncate-after", type=int)
    parser.add_argument("--rotate-after", type=int)
    given = parser.parse_args()
    blocks = blocks_of(given.text.read_text("utf-8"))
    if given.truncate_after is not None:
        blocks = [*blocks[: given.truncate_after], *blocks]
    log = given.log.open("a", encoding="utf-8")
    for at, block in enumerate(blocks):
        if at == given.rotate_after:
            log.close()
            given.log.rename(given.log.with_name(f"{given.log.name}.1"))
            log = given.log.open("a", encoding="utf-8")
        if at == given.truncate_after:
            log.close()
            log = given.log.open("w", encoding="utf-8")
        cut = len(block) // 2 if given.half or at == given.kill_after else len(block)
        for part in (block[:cut], block[cut:]):
            log.write(part)
            log.flush()
            time.sleep(given.pause / 2)
            if at == given.kill_after:
                os.kill(os.getpid(), signal.SIGKILL)
    log.close()


if __name__ == "__main__":
    main()
