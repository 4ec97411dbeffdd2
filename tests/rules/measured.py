"""`python -m tests.rules.measured`: takes the figures of docs/detection.md on simulated runs again,
and those on logs of the tuning families that were altered for it. About six minutes."""

from __future__ import annotations

import json
import lzma
import re
from collections import Counter
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from logparse.judging import judge
from logparse.rules import all_rules, select_rules
from logparse.session import Session
from logparse.signals import Signals
from tests.rules import populations
from tests.rules.populations import LENGTHS, NOISES, SCHEDULES, healthy
from tests.rules.test_calibration import FAULTS, detected, on_early_cuts
from tests.runs import Array, cosine_lr, make_run, noisy, power_law

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run

CORPUS = Path(__file__).parents[2] / "fixtures" / "scenarios"
FACTS = {
    "window": (r"LOOK_BACK = (\d+)", 2.0),
    "features": (r"FEATURES = (\d+)", 2.0),
    "batch": (r"TRAIN_BATCH = (\d+)", 3.0),
    "parameters": (r"MODEL_STATIC: total_params=([\d,]+)", 2.0),
    "groups": (r"GROUPS=(\d+)", 2.0),
    "tensors": (r"COUNTS=\[(\d+)\]", 2.0),
    "rate x 3": (r"LEARNING_RATE = (\S+)", 3.0),
    "rate / 3": (r"LEARNING_RATE = (\S+)", 1 / 3),
}
"""What a header declares, and the factor by which it is altered."""


def on_healthy_curves() -> None:
    """How many of 2,800 healthy curves get a note, a warning, an error."""
    severities: Counter[str] = Counter()
    fired: Counter[tuple[str, str]] = Counter()
    for trial in healthy(per_cell=40, first=4000):
        found = {(f.code, str(f.severity)) for f in judge(trial.run, all_rules()).findings}
        severities.update({severity for _, severity in found})
        fired.update(found)
    total = 40 * len(LENGTHS) * len(NOISES) * len(SCHEDULES)
    print("healthy curves with", dict(severities), "of", total)
    for (code, severity), count in sorted(fired.items()):
        print(f"  {code} {severity} {count}")


def on_faulty_curves() -> None:
    """How many of 1,000 curves with a fault are found, and LR001 under plateau schedulers."""
    for code, fault in FAULTS.items():
        print(f"{code} found in {detected(code, fault, range(90_000, 90_100)):.1%}")
    seeds = range(90_000, 90_200)
    print("LR001, impatient:", on_early_cuts(populations.impatient, seeds))
    print("LR001, settled:", on_early_cuts(populations.stalled_early, seeds[:60]))


def on_settled_curves() -> None:
    """Annealed runs that lie at their floor, and those that rise from the middle on."""
    for rise in (0.0, 0.05, 0.1):
        worse = 0
        for length, noise, phi, seed in product((20, 40, 100), NOISES, (0.0, 0.3, 0.6), range(60)):
            curve = power_law(length, start=0.12, floor=0.05, rate=3.0)
            curve *= 1 + rise * np.clip(np.linspace(-1, 1, length), 0, 1)
            val = noisy(curve, level=noise, phi=phi, seed=70_000 + seed)
            worse += Signals(make_run(lr=cosine_lr(length), val_rmse=val)).state.kind == "plateaued"
        print(f"rise of {rise:.0%} from the middle on: got worse in {worse} of 1080")


def on_memory() -> None:
    """MEM001 on marks that keep a share each epoch, and on those of batches that vary in length."""
    rng = np.random.default_rng(5)
    for epochs, share in ((12, 0.01), (20, 0.01), (40, 0.005), (70, 0.002)):
        found = silent = 0
        for _ in range(300):
            noise = rng.standard_normal(epochs)
            creeps = 6 * (1 + share * np.arange(epochs)) * (1 + 0.001 * noise)
            varies = 6 * (1 + 0.05 * noise)
            found += _fires("MEM001", _marks(creeps))
            silent += not _fires("MEM001", _marks(varies))
        told = f"found in {found} of 300 that creep, silent on {silent} of 300 that vary"
        print(f"MEM001, {epochs} epochs that keep {share:.1%}: {told}")


def _marks(peaks: Array) -> Run:
    """High-water marks of memory as a log prints them, in GiB with two digits."""
    return make_run(gpu_gib=np.round(np.maximum.accumulate(peaks), 2))


def on_altered_headers() -> None:
    """HYP004 on healthy logs, one fact of whose header is altered."""
    found: Counter[str] = Counter()
    logs = list(_healthy_logs())
    for text, (fact, (pattern, factor)) in product(logs, FACTS.items()):
        altered = re.sub(pattern, lambda match: _times(match, factor), text, count=1)  # noqa: B023
        if altered == text:
            continue
        report = Session("x", rules=select_rules(["HYP004"]))
        report.feed(altered.encode())
        worst = {str(f.severity) for run in report.close().runs for f in run.findings}
        found[f"{fact}: {'warning' if 'warning' in worst else 'note' if worst else 'silent'}"] += 1
    print(f"HYP004 on {len(logs)} logs:", dict(sorted(found.items())))


def on_cut_logs() -> None:
    """LOG002 on healthy logs that another RUN START cuts in two, where nothing happened."""
    breaks = places = 0
    for text in _healthy_logs():
        head, *blocks = re.split(r"(?m)^(?=E\d+ \|)", text)
        for at in range(6, len(blocks)):
            log = Session("x", rules=select_rules(["LOG002"]))
            log.feed("".join([head, *blocks[:at], head, *blocks[at:]]).encode())
            places += 1
            last = log.close().runs[-1].findings
            breaks += any(f.severity != "note" for f in last)
    print(f"LOG002 sees a break at {breaks} of {places} places = {breaks / places:.1%}")


def _times(match: re.Match[str], factor: float) -> str:
    """The match with its number times the factor, written as it was."""
    old = match[1]
    if old.replace(",", "").isdigit():
        new = f"{round(int(old.replace(',', '')) * factor):{',' if ',' in old else ''}}"
    else:
        new = f"{float(old) * factor:g}"
    return match[0].replace(old, new)


def _fires(code: str, run: Run) -> bool:
    return bool(judge(run, select_rules([code])).findings)


def _healthy_logs() -> Iterator[str]:
    """The healthy logs of the tuning families."""
    labels = json.loads((CORPUS / "labels.json").read_text(encoding="utf-8"))
    for run in labels["runs"]:
        kind = labels["scenarios"][run["scenario"]]["kind"]
        if kind == "healthy" and labels["families"][run["family"]] == "tuning":
            yield lzma.decompress((CORPUS / run["log"]).read_bytes()).decode()


if __name__ == "__main__":
    on_altered_headers()
    on_memory()
    on_settled_curves()
    on_cut_logs()
    on_faulty_curves()
    on_healthy_curves()
