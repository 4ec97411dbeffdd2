"""What a report and a picture cost: their size, and the time of the whole command.

Times are those of a clock: the limits are about how long a person waits.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from time import monotonic

from benchmarks.logs import f2_log
from benchmarks.measuring import Row

_MIB = 1 << 20
_CORPUS = Path(__file__).parent.parent / "fixtures" / "scenarios"
_MANY = 100


def measure() -> list[Row]:
    """(g) a page about one run, a page about a hundred, and one picture."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "run.log")
        log.write_bytes(f2_log(70))
        logs = _many()
        page, many, picture = (Path(folder, name) for name in ("a.html", "b.html", "c.png"))
        one_s = _seconds("report", log, "-o", page)
        many_s = _seconds("report", *logs, "-o", many)
        picture_s = _seconds("plot", log, "-o", picture)
        sizes = page.stat().st_size / _MIB, many.stat().st_size / _MIB
    return [
        Row(
            "(g) `logdiag report` on 70 epochs and 40 parameters: size, time",
            f"{sizes[0]:.2f} MiB, {one_s:.1f} s",
            "< 1 MiB",
            sizes[0] < 1,
        ),
        Row(
            f"(g) `logdiag report` on {_MANY} logs of the corpus: size, time",
            f"{sizes[1]:.1f} MiB, {many_s:.1f} s",
            "< 15 MiB, < 30 s",
            sizes[1] < 15 and many_s < 30,
        ),
        Row(
            "(g) `logdiag plot` on 70 epochs and 40 parameters, the overview: time",
            f"{picture_s:.1f} s",
            "none",
            True,
        ),
    ]


def _many() -> list[Path]:
    """As many logs of the corpus, taken evenly from all of it."""
    logs = sorted(_CORPUS.glob("*/*.log.xz"))
    return [logs[at * len(logs) // _MANY] for at in range(_MANY)]


def _seconds(*arguments: object) -> float:
    """How long a command takes; whatever it finds, it must not fail."""
    start = monotonic()
    subprocess.run(
        [sys.executable, "-m", "logdiag", *map(str, arguments)], check=True, capture_output=True
    )
    return monotonic() - start
