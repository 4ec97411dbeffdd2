"""Makes the labelled corpus: every scenario, several seeds, several model families.

`python -m trainer.corpus` plays all runs (those that are already in the work folder are not
played again), compares every fault with its clean twin, and writes the logs of those that
measurably hurt, compressed, with `labels.json`.
"""

import argparse
import json
import lzma
import math
import multiprocessing
import platform
import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from trainer import devices
from trainer.errors import TrainerError
from trainer.scenarios import SCENARIOS, Scenario
from trainer.scenarios.harm import Evidence, figures, lines_changed, sign_test
from trainer.scenarios.play import play
from trainer.scenarios.scenario import CORPUS_FAMILIES

HELD_OUT = ("tcn", "long_lstm")
"""Families on which no threshold may be tuned."""
_LIMIT = 15 * 2**20


@dataclass(frozen=True)
class Job:
    """One run to be played."""

    scenario: str
    family: str
    seed: int

    @property
    def path(self) -> str:
        """Where its log is, relative to the corpus and without an ending."""
        return f"{self.scenario}/{self.family}-{self.seed}"


def jobs(scenarios: Iterable[Scenario], seeds: int, has_cuda: bool) -> list[Job]:
    """All runs, seeds outermost, so that an interrupted making has something of everything."""
    playable = [s.name for s in scenarios if has_cuda or not s.needs_cuda]
    return [Job(s, f, seed) for seed in range(seeds) for s in playable for f in CORPUS_FAMILIES]


def play_job(job: Job, work: Path, device: torch.device) -> dict[str, Any]:
    """Plays a run unless the work folder has it; returns its figures."""
    target = work / job.path
    known = target / "figures.json"
    if not known.exists():
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        played = play(SCENARIOS[job.scenario], job.family, job.seed, device, target)
        found = figures(played) | {"epochs": played.records[-1].epoch}
        for checkpoint in target.glob("*.pt"):
            checkpoint.unlink()
        known.write_text(json.dumps(found), encoding="utf-8")
    result: dict[str, Any] = json.loads(known.read_text(encoding="utf-8"))
    return result


def _work(given: tuple[Job, Path, str]) -> tuple[Job, dict[str, Any]]:
    job, work, device = given
    return job, play_job(job, work, devices.choose(device))


def evidence(
    scenario: Scenario, family: str, seeds: int, found: dict[Job, dict[str, Any]], work: Path
) -> Evidence:
    """A fault's runs against their twins, pair by pair."""
    pairs = []
    for seed in range(seeds):
        mine, twin = (Job(name, family, seed) for name in (scenario.name, scenario.twin))
        if scenario.harm == "lines lost":
            texts = ((work / job.path / "run.log").read_text("utf-8") for job in (mine, twin))
            pairs.append((lines_changed(*texts), 0.0))
        else:
            pairs.append((found[mine][scenario.harm], found[twin][scenario.harm]))
    return sign_test(pairs)


def write_corpus(
    folder: Path, work: Path, seeds: int, found: dict[Job, dict[str, Any]], device: torch.device
) -> None:
    """Compresses what is kept and writes `labels.json`."""
    labels = _Labels(seeds, found, work)
    shutil.rmtree(folder, ignore_errors=True)
    for job in labels.kept:
        target = folder / f"{job.path}.log.xz"
        target.parent.mkdir(parents=True, exist_ok=True)
        raw = (work / job.path / "run.log").read_bytes()
        target.write_bytes(lzma.compress(raw, preset=9 | lzma.PRESET_EXTREME))
    text = json.dumps(labels.document(device), indent=1, ensure_ascii=False)
    (folder / "labels.json").write_text(text + "\n", encoding="utf-8")
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print(f"{len(labels.kept)} logs, {size / 2**20:.1f} MiB in {folder}", file=sys.stderr)
    if size > _LIMIT:
        raise TrainerError(f"{folder}: {size} bytes are more than {_LIMIT}")


class _Labels:
    """The truth about every kept run, and what was dropped and why."""

    def __init__(self, seeds: int, found: dict[Job, dict[str, Any]], work: Path) -> None:
        self.found, self.kept, self.dropped = found, list[Job](), list[dict[str, str]]()
        self.scenarios: dict[str, dict[str, Any]] = {}
        for scenario in SCENARIOS.values():
            entry = self.scenarios[scenario.name] = _entry(scenario)
            for family in CORPUS_FAMILIES:
                if Job(scenario.name, family, 0) not in found:
                    self._drop(scenario, family, "needs a CUDA device; this corpus has none")
                    continue
                if scenario.kind == "fault":
                    shown = evidence(scenario, family, seeds, found, work)
                    entry["evidence"][family] = _shown(shown)
                    if not shown.is_kept:
                        why = f"worse than its twin in {shown.worse} of {shown.of} pairs only"
                        self._drop(scenario, family, why)
                        continue
                self.kept += [Job(scenario.name, family, seed) for seed in range(seeds)]

    def _drop(self, scenario: Scenario, family: str, why: str) -> None:
        self.dropped.append({"scenario": scenario.name, "family": family, "why": why})

    def document(self, device: torch.device) -> dict[str, Any]:
        """The whole of labels.json."""
        families = sorted({job.family for job in self.found})
        return {
            "made": _made(device),
            "families": {f: "held-out" if f in HELD_OUT else "tuning" for f in families},
            "scenarios": self.scenarios,
            "runs": [
                {"log": f"{job.path}.log.xz", **asdict(job), "epochs": self.found[job]["epochs"]}
                for job in self.kept
            ],
            "dropped": self.dropped,
        }


def _entry(scenario: Scenario) -> dict[str, Any]:
    return {
        "kind": scenario.kind,
        "about": scenario.about,
        "expects": list(scenario.expects),
        "forbids": list(scenario.forbids),
        "accepts": list(scenario.accepts),
        "twin": scenario.twin or None,
        "harm": scenario.harm,
        "evidence": {},
    }


def _shown(found: Evidence) -> dict[str, Any]:
    ratio = found.median_ratio
    rounded = None if ratio is None else float(f"{ratio:.4g}")
    return asdict(found) | {"median_ratio": rounded, "kept": found.is_kept}


def _made(device: torch.device) -> dict[str, str]:
    about = devices.environment(device)
    return {
        "command": "make corpus",
        "device": f"{device.type}: {about['device_name']}",
        "python": platform.python_version(),
        "torch": str(about["torch"]),
        "date": datetime.now(UTC).date().isoformat(),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; 0, or 2 with one line on standard error."""
    parser = argparse.ArgumentParser(prog="python -m trainer.corpus", description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("fixtures/scenarios"))
    parser.add_argument("--work", type=Path, default=Path("build/corpus"))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--only", nargs="*", help="play these scenarios and write no corpus")
    given = parser.parse_args(arguments)
    try:
        device = devices.choose(given.device)
        chosen = [s for s in SCENARIOS.values() if not given.only or s.name in given.only]
        todo = jobs(chosen, given.seeds, device.type == "cuda")
        found = _play_all(todo, given.work, device, given.jobs)
        if given.only:
            _show(found)
        else:
            write_corpus(given.output, given.work, given.seeds, found, device)
    except TrainerError as problem:
        print(f"corpus: {problem}", file=sys.stderr)
        return 2
    return 0


def _play_all(
    todo: list[Job], work: Path, device: torch.device, processes: int
) -> dict[Job, dict[str, Any]]:
    """Plays all, a few at once, and says how far it is."""
    found: dict[Job, dict[str, Any]] = {}
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        arguments = [(job, work, device.type) for job in todo]
        for job, figure in pool.imap_unordered(_work, arguments):
            found[job] = figure
            if len(found) % 20 == 0 or len(found) == len(todo):
                print(f"{len(found)} of {len(todo)}: {job.path}", file=sys.stderr, flush=True)
    return found


def _show(found: dict[Job, dict[str, Any]]) -> None:
    for job, figure in sorted(found.items(), key=lambda item: item[0].path):
        values = " ".join(f"{k}={v:.4g}" for k, v in figure.items() if math.isfinite(v))
        print(f"{job.path}: {values}")


if __name__ == "__main__":
    sys.exit(main())
