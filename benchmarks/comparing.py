"""`python -m benchmarks.comparing`: what comparisons are worth, on runs whose truth is known.

Simulated seeds for what only many runs can show, the corpus for real ones; it writes
docs/comparing-figures.md. About four minutes.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import stats

import logparse
from benchmarks.figures import table
from benchmarks.logs import f2_log
from logparse.comparison import Comparison, statistics
from logparse.run import Run

ROOT = Path(__file__).parent.parent
CORPUS = ROOT / "fixtures" / "scenarios"
PAGE = ROOT / "docs" / "comparing-figures.md"
TRIES = 1_000
MANY_RUNS, SECONDS = 200, 10.0

Draw: TypeAlias = "Callable[[np.random.Generator, int], npt.NDArray[np.float64]]"
TAILS: Mapping[str, Draw] = {
    "normal": lambda generator, runs: generator.standard_normal(runs),
    "heavy tails (t, 3 degrees)": lambda generator, runs: generator.standard_t(3, runs),
    "skewed (exponential)": lambda generator, runs: generator.exponential(size=runs),
}


def called_different(
    runs: int, draw: Draw, *, shift: float = 0.0, is_paired: bool = False
) -> float:
    """The share of pairs of groups, `shift` apart, whose test goes below 5%."""
    generator, hits = np.random.default_rng(runs), 0
    for _ in range(TRIES):
        first, second = draw(generator, runs), draw(generator, runs) + shift
        hits += statistics.tested(first, second, is_paired=is_paired).p <= statistics.LEVEL
    return hits / TRIES


def covered(runs: int, draw: Draw, *, is_paired: bool = False) -> float:
    """How often the 95% interval of two equal groups holds 0."""
    generator, hits = np.random.default_rng(runs), 0
    for _ in range(TRIES):
        bounds = statistics.interval(
            draw(generator, runs), draw(generator, runs), is_paired=is_paired
        )
        hits += bounds is not None and bounds[0] <= 0 <= bounds[1]
    return hits / TRIES


def null_table() -> Iterator[Sequence[str]]:
    """Equal groups: how often they are called different, and how often 0 is in the interval."""
    for name, draw in TAILS.items():
        for runs in (3, 4, 5, 6, 7):
            for is_paired in (False, True):
                if is_paired and runs < statistics.LEAST_PAIRS:
                    continue
                kind = f"{runs} pairs" if is_paired else f"{runs} + {runs}"
                wrong = called_different(runs, draw, is_paired=is_paired)
                inside = covered(runs, draw, is_paired=is_paired)
                yield name, kind, f"{wrong:.1%}", f"{inside:.1%}"


def power_table() -> Iterator[Sequence[str]]:
    """Groups that differ: how often that is found, by runs a side and difference in seed SDs."""
    for runs in (4, 5, 6, 7):
        found = (called_different(runs, TAILS["normal"], shift=shift) for shift in (1, 2, 3, 4))
        yield f"{runs} + {runs}", *(f"{share:.0%}" for share in found)


@cache
def labels() -> dict[str, Any]:
    """The corpus as it is labelled."""
    loaded: dict[str, Any] = json.loads((CORPUS / "labels.json").read_text(encoding="utf-8"))
    return loaded


def logs(scenario: str, family: str) -> list[str]:
    """The scenario's logs of a family, by seed."""
    return [
        str(CORPUS / one["log"])
        for one in sorted(labels()["runs"], key=lambda one: int(one["seed"]))
        if (one["scenario"], one["family"]) == (scenario, family)
    ]


def faults() -> Iterator[tuple[str, Comparison]]:
    """Every fault against its healthy twin, five seeds each, in every family; with its harm."""
    for scenario, label in labels()["scenarios"].items():
        if label["kind"] != "fault" or not label["twin"]:
            continue
        for family in labels()["families"]:
            twin, fault = logs(label["twin"], family), logs(scenario, family)
            if len(twin) > 1 and len(fault) > 1:
                sides = {"twin": twin, "fault": fault}
                yield label["harm"], logparse.compare(sides, metrics=["val_rmse"])


def fault_rows() -> Iterator[Sequence[str]]:
    """What comparisons say of the faults, by the harm that their label names."""
    counts: dict[str, dict[str, int]] = {}
    for harm, comparison in faults():
        row = next((row for row in comparison.rows if row.measure.name == "best_val_rmse"), None)
        change = row.changes[1] if row else None
        verdict = change.verdict.value if change else "never a number"
        mine = counts.setdefault(harm or "none", {})
        mine[verdict] = mine.get(verdict, 0) + 1
    for harm, found in counts.items():
        told = ", ".join(f"{count} {verdict}" for verdict, count in found.items())
        yield harm, str(sum(found.values())), told


def epochs_as_samples() -> tuple[int, int]:
    """Pairs of healthy runs that differ in their seed only: in how many a paired t test over
    epochs finds a difference, of how many."""
    hits = total = 0
    for scenario, label in labels()["scenarios"].items():
        if label["kind"] != "healthy":
            continue
        for family in labels()["families"]:
            runs = [logparse.read(path) for path in logs(scenario, family)]
            for first, second in combinations(runs, 2):
                a, b = _shared_epochs(first, second)
                hits += float(stats.ttest_rel(a, b).pvalue) <= statistics.LEVEL
                total += 1
    return hits, total


def _shared_epochs(first: Run, second: Run) -> tuple[list[float], list[float]]:
    joined = first.epochs.merge(second.epochs, on="epoch").dropna(
        subset=["val_rmse_x", "val_rmse_y"]
    )
    return joined["val_rmse_x"].tolist(), joined["val_rmse_y"].tolist()


def many_runs() -> float:
    """Seconds, by the clock, of `compare` on 200 runs of 70 epochs and 40 parameters."""
    with tempfile.TemporaryDirectory() as folder:
        for at in range(MANY_RUNS):
            Path(folder, f"run-{at}.log").write_bytes(f2_log(70))
        started = time.perf_counter()
        logparse.compare(folder, by="val_rmse", processes=os.cpu_count() or 1)
        return time.perf_counter() - started


def page() -> Iterator[str]:
    """The sections of docs/comparing-figures.md."""
    yield "# Figures on comparisons"
    yield (
        "Written by `python -m benchmarks.comparing`; [comparing.md](comparing.md) says what the "
        "methods are."
    )
    yield "## Groups that do not differ"
    yield (
        f"{TRIES:,} simulated comparisons for each row, one metric. *Called different*: p below "
        "5%, which a sound test\ndoes in 5% of them at most. *0 in the interval*: 95% would be "
        "exact. Pairs need six for a test; from five on\nthe interval is paired."
    )
    heads = ("runs are", "runs a side", "called different", "0 in the 95% interval")
    yield table(heads, null_table())
    yield "## Groups that differ"
    yield (
        f"How often a difference of so many seed SDs is found ({TRIES:,} simulated comparisons of "
        "one metric, normal,\nnot paired)."
    )
    yield table(("runs a side", "1 SD", "2 SD", "3 SD", "4 SD"), power_table())
    yield "## Real runs: a fault against its healthy twin"
    yield (
        "Five seeds a side from the corpus, every fault that has a healthy twin, in every model "
        "family, judged by the\nbest val_rmse alone. Faults are grouped by the harm that their "
        "label names: only *late val_rmse* is\nabout the metric, and the best value is kinder "
        "than the last. In the corpus a seed changes the data too, so\nthat runs of one side lie "
        "far apart."
    )
    yield table(("harm", "comparisons", "verdicts"), fault_rows())
    yield "## Epochs are no samples"
    hits, total = epochs_as_samples()
    yield (
        f"A paired t test over the epochs of two healthy runs that differ in their seed only calls "
        f"{hits} of {total} pairs\n({hits / total:.0%}) different at 5%. `logdiag compare` gives "
        "no p value for one run a side."
    )
    yield "## Many runs"
    seconds = many_runs()
    met = "met" if seconds <= SECONDS else "**missed**"
    yield (
        f"`compare` on a folder of {MANY_RUNS} runs of 70 epochs and 40 parameters, by as many "
        f"processes as there are cores ({os.cpu_count()}): {seconds:.1f} s by the clock (at most "
        f"{SECONDS:.0f} wanted: {met})."
    )


def main() -> int:
    """Measure everything and write the page."""
    text = "\n\n".join(page()) + "\n"
    PAGE.write_text(text, encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
