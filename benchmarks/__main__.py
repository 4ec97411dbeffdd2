"""`python -m benchmarks`: measures what docs/benchmarks.md records, and writes that file.

Times are CPU seconds, the best of several, taken in turns so that a busy machine slows all
alike; every target is a ratio within one run, but for the limits on the time of one log.
"""

from __future__ import annotations

import io
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

import lark
import numpy as np
import pandas as pd

from benchmarks import report_cost, rule_cost, tail_cost
from benchmarks.jsonl_speed import jsonl_speed
from benchmarks.logs import f2_log, write_log
from benchmarks.measuring import Row, in_turns
from benchmarks.state_cost import state_rows
from benchmarks.table_speed import table_speed
from logparse.formats.run_log import RunLogReader
from logparse.run import Run
from logparse.shapes import CACHE_VARIABLE

ROOT = Path(__file__).parent.parent
SEED_LOG = ROOT / "fixtures" / "seed_run.log"


def read(raw: bytes, *, learn: bool = True) -> Run:
    """A whole log into frames."""
    reader = RunLogReader("bench.log", learn=learn)
    reader.feed(raw)
    return reader.close()[-1]()


def numbers_as_csv(run: Run) -> bytes:
    """The parameter lists' numbers, one entry a line, in the digits of the log."""
    pairs = zip(run.parameters["grad_norm"], run.parameters["update_ratio"], strict=True)
    lines = (f"{grad_norm:.1e},{ratio:.1e}" for grad_norm, ratio in pairs)
    return ("grad_norm,update_ratio\n" + "\n".join(lines) + "\n").encode()


def reading_rows() -> list[Row]:
    """(a) the scanner against Lark alone, (b) the reader against pandas.read_csv."""
    os.environ[CACHE_VARIABLE] = ""
    raw = f2_log()
    csv = numbers_as_csv(read(raw))
    fast = in_turns(
        {"scanner": lambda: read(raw), "read_csv": lambda: pd.read_csv(io.BytesIO(csv))}, rounds=9
    )
    slow = in_turns({"lark": lambda: read(raw, learn=False)}, rounds=2)
    speed = {name: len(raw) / 1e6 / seconds for name, seconds in (fast | slow).items()}
    speed["read_csv"] = len(csv) / 1e6 / fast["read_csv"]
    times, share = speed["scanner"] / speed["lark"], speed["scanner"] / speed["read_csv"]
    return [
        Row(
            "(a) 5,000-epoch F2 log into frames, scanner on / Lark alone",
            f"{times:.1f}x ({speed['scanner']:.1f} / {speed['lark']:.2f} MB/s)",
            ">= 25x",
            times >= 25,
        ),
        Row(
            "(b) the same / pandas.read_csv on the lists' numbers as CSV, MB/s each",
            f"{share:.2f} ({speed['scanner']:.1f} / {speed['read_csv']:.0f} MB/s)",
            ">= 0.12",
            share >= 0.12,
        ),
    ]


def cpu_of(command: list[str], cache: str, bytecode: str) -> float:
    """CPU seconds of a whole process that finds its bytecode, as an installed program does."""
    before = os.times()
    environment = {**os.environ, CACHE_VARIABLE: cache, "PYTHONPYCACHEPREFIX": bytecode}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    subprocess.run(command, check=False, capture_output=True, env=environment)
    after = os.times()
    children = after.children_user + after.children_system
    return children - before.children_user - before.children_system


def start_rows() -> list[Row]:
    """(c) whole processes against `import pandas`; the first run ever learns, later ones know."""
    analyze = [sys.executable, "-m", "logdiag", "analyze", str(SEED_LOG)]
    with tempfile.TemporaryDirectory() as cache, tempfile.TemporaryDirectory() as bytecode:
        commands = {
            "pandas": ([sys.executable, "-c", "import pandas"], cache),
            "analyze": (analyze, cache),
            "first": (analyze, ""),
            "help": ([sys.executable, "-m", "logdiag", "--help"], cache),
        }
        best = dict.fromkeys(commands, float("inf"))
        for _ in range(15):
            for name, command in commands.items():
                best[name] = min(best[name], cpu_of(*command, bytecode))
    rows = []
    for name, what, target in (
        ("analyze", "(c) `logdiag analyze` on the seed's log / `import pandas`", 1.5),
        ("first", "(c) the same with nothing learned yet (the first run ever)", None),
        ("help", "(c) `logdiag --help` / `import pandas`", 0.4),
    ):
        ratio = best[name] / best["pandas"]
        measured = f"{ratio:.2f} ({best[name]:.2f} / {best['pandas']:.2f} s)"
        wanted = f"<= {target}" if target else "none"
        rows.append(Row(what, measured, wanted, target is None or ratio <= target))
    return rows


_MEASURED_RUN = """
import resource, sys, time
from logdiag.main import main
started = time.process_time()
main(["analyze", sys.argv[1], "-o", "/dev/null"])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(time.process_time() - started, peak)
"""


def growth_rows() -> list[Row]:
    """(d) peak memory and time of `logdiag analyze` on 2, 20 and 200 MB."""
    seconds: dict[int, float] = {}
    peaks: dict[int, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for megabytes in (2, 20, 200):
            path = Path(folder) / f"{megabytes}.log"
            write_log(path, megabytes=megabytes)
            command = [sys.executable, "-c", _MEASURED_RUN, str(path)]
            told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            cpu, peak_kib = told.split()[-2:]
            seconds[megabytes] = float(cpu)
            peaks[megabytes] = float(peak_kib) * 1024 / path.stat().st_size
    growth = (seconds[200] - seconds[20]) / (seconds[20] - seconds[2])
    shown = ", ".join(f"{size} MB {spent:.2f} s" for size, spent in seconds.items())
    return [
        Row(
            "(d) peak memory of `logdiag analyze` on a 200 MB log / the file",
            f"{peaks[200]:.2f}",
            "< 2",
            peaks[200] < 2,
        ),
        Row(
            "(d) time from 20 to 200 MB / time from 2 to 20 MB (linear: 10)",
            f"{growth:.1f} ({shown})",
            "8 to 12",
            8 <= growth <= 12,
        ),
    ]


def machine() -> str:
    """What the figures were taken on, without naming it."""
    return (
        f"Python {platform.python_version()}, pandas {pd.__version__}, numpy {np.__version__}, "
        f"lark {lark.__version__}, {platform.machine()}, {os.cpu_count()} cores"
    )


def table(rows: list[Row]) -> str:
    """The rows as a Markdown table."""
    lines = ["| what | measured | target | |", "| --- | --- | --- | --- |"]
    for row in rows:
        met = "met" if row.is_met else "**missed**"
        lines.append(f"| {row.what} | {row.measured} | {row.target} | {met} |")
    return "\n".join(lines)


def main() -> int:
    """Measure everything, write docs/benchmarks.md; exit code 1 when a target is missed."""
    cost, rules = rule_cost.measure()
    rows = [*reading_rows(), *start_rows(), *growth_rows(), *cost]
    rows += [*report_cost.measure(), *tail_cost.measure()]
    with tempfile.TemporaryDirectory() as folder:
        rows += [table_speed(), jsonl_speed(Path(folder)), *state_rows(Path(folder))]
    text = (
        "# Benchmarks\n\nWritten by `make bench`. Times are CPU seconds, the best of several taken "
        "in turns; targets\nare ratios within one run, because machines differ and are busy, but "
        "for the limits of (e),\nand of (g) and (h), whose times are a clock's.\n\n"
        f"Taken with {machine()}.\n\n{table(rows)}\n\n{rules}\n"
    )
    (ROOT / "docs" / "benchmarks.md").write_text(text, encoding="utf-8")
    print(text)
    return 0 if all(row.is_met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
