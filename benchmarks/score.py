"""`python -m benchmarks.score`: scores `logdiag analyze` on a labelled corpus of real runs.

The program itself judges every log, in a process for each scenario; what it says is held against
`labels.json`, and docs/score.md is written anew. labels.py has the format of the labels.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import labels as labelled
from benchmarks import score_table as tables
from benchmarks.figures import table
from benchmarks.labels import LabelledLog, Labels, ScoreError
from benchmarks.score_table import RANKS, Judged, Outcome

ROOT = Path(__file__).parent.parent
CORPUS = ROOT / "fixtures" / "scenarios"
MISSES = Path(__file__).parent / "misses.json"
OUTPUT = ROOT / "docs" / "score.md"
_ANALYZE = ("analyze", "--isolated", "--format", "json", "--")

_HEAD = """\
# Score on real runs

Written by `python -m benchmarks.score` from the logs and the labels in `{corpus}`.

{made}

Each log was judged by `logdiag analyze --format json` of logdiag {tool}, with default options and
without seeing the labels. A file may hold two runs: what was found in a log is what was found in
any of its runs.

{counts}

How it is counted:

- A fault is *found* if any of the codes expected of it is named, at any severity. A check that says
  it is not applicable misses like any other.
- Healthy runs and traps expect nothing: an error or a warning on one is a *false alarm*, unless the
  code is among the true side effects that the scenario accepts.
- A *forbidden* code is a wrong diagnosis for that scenario, at any severity.
- *To do first* counts faulty runs for which the report names one thing to do first, that is those
  with an error or a warning: whether the finding behind it is expected or accepted.
- *Tuning* families may be looked at while rules and thresholds are chosen, *held-out* ones may not.

In brackets are 95% score intervals (Wilson 1927). They take runs for independent, but runs of one
scenario and family share their code, and only the seeds are replicates: the intervals are
optimistic.
"""
_MISSED = """\
The faults that were not found, held-out families first: what the expected rules said, what was
named instead, and what a look at the run shows. What was changed after a look at a held-out run is
told in [detection.md](detection.md)."""
_RECALL = """\
Of the runs of fault scenarios that expect a rule, those on which it fired; then the same for the
scenarios whose first expected code it is, the one we would name. Any expected code is a diagnosis,
so the first pair asks more of a rule than the score does."""
_ALARMS = """\
Of the healthy runs and traps that do not accept a rule, those on which it fired as an error or a
warning, and those on which it was a note."""
_SCENARIOS = """\
The number after a code is that of the runs on which it fired. In bold: faults found in no run.
*Others* are neither expected nor forbidden. On healthy runs and traps whatever is named is a false
alarm, unless it is accepted or only a note."""
_FAMILIES = """\
Alarms are healthy runs and traps with an error or a warning that is not accepted."""
_EVIDENCE = """\
What each fault did to training, as the labels have it: in how many runs it was worse than its twin.
A fault that was dropped in a family has no logs of that family, and is not scored there."""


@dataclass(frozen=True)
class Answer:
    """What `logdiag analyze` said about some logs, by log.

    fired    the worst severity of each code
    silent   why each rule was silent: the outcome of its check, and its reason
    first    the codes behind the one thing to do first in each of its runs
    """

    tool: str
    fired: Mapping[str, Mapping[str, str]]
    silent: Mapping[str, Mapping[str, str]]
    first: Mapping[str, Sequence[str]]
    unread: Mapping[str, str]


def told(arguments: Sequence[str], folder: Path) -> Any:
    """The JSON that `logdiag` writes; ScoreError where it crashed."""
    command = [sys.executable, "-P", "-m", "logdiag", *arguments]
    done = subprocess.run(
        command,
        cwd=folder,
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1"},
    )
    try:
        if done.returncode in (0, 1, 2):
            return json.loads(done.stdout)
    except ValueError:
        pass
    said = (done.stderr.strip().splitlines() or ["nothing on standard error"])[-1]
    raise ScoreError(f"logdiag {arguments[0]} failed with code {done.returncode}: {said}")


def answer(paths: Sequence[str], folder: Path) -> Answer:
    """Judge the logs of one scenario; ScoreError for a log that nothing is said about."""
    report = told([*_ANALYZE, *paths], folder)
    unread = {failure["source"]: failure["message"] for failure in report["errors"]}
    fired: dict[str, dict[str, str]] = {path: {} for path in unread}
    silent: dict[str, dict[str, str]] = {path: {} for path in unread}
    first: dict[str, list[str]] = {}
    for run in report["runs"]:
        for check in run["checks"]:
            why = f"{check['outcome']}: {check['reason']}" if check["reason"] else check["outcome"]
            silent.setdefault(run["source"], {})[check["code"]] = why
        if run["first"] is not None:
            first.setdefault(run["source"], []).append(run["first"]["code"])
        worst = fired.setdefault(run["source"], {})
        for finding in run["findings"]:
            known = worst.get(finding["code"], finding["severity"])
            worst[finding["code"]] = max(known, finding["severity"], key=RANKS.__getitem__)
    if unjudged := sorted(set(paths) - set(fired)):
        raise ScoreError(f"logdiag analyze says nothing about {unjudged[0]}")
    return Answer(report["tool"]["version"], fired, silent, first, unread)


def judge(folder: Path, *, jobs: int) -> Judged:
    """Read the labels, judge every log, and put both together."""
    rules = {rule["code"]: rule["name"] for rule in told(["rules", "--format", "json"], ROOT)}
    labels = labelled.read(folder)
    answers = list(_answers(labels, folder, jobs))
    fired = {path: codes for one in answers for path, codes in one.fired.items()}
    silent = {path: codes for one in answers for path, codes in one.silent.items()}
    first = {path: codes for one in answers for path, codes in one.first.items()}
    return Judged(
        labels=labels,
        outcomes=[
            Outcome(
                log,
                labels.scenarios[log.scenario],
                labels.families[log.family],
                fired[log.path],
                silent.get(log.path, {}),
                first.get(log.path, ()),
            )
            for log in _in_order(labels)
        ],
        rules=rules,
        unread={path: why for one in answers for path, why in one.unread.items()},
        tool=answers[0].tool,
        corpus=_shown(folder),
    )


def _in_order(labels: Labels) -> list[LabelledLog]:
    return sorted(labels.logs, key=lambda log: (log.scenario, log.family, log.seed, log.path))


def _answers(labels: Labels, folder: Path, jobs: int) -> Iterator[Answer]:
    """The scenarios one by one, `jobs` of them at a time."""
    by_scenario: dict[str, list[str]] = {}
    for log in _in_order(labels):
        by_scenario.setdefault(log.scenario, []).append(log.path)
    with ThreadPoolExecutor(jobs) as pool:
        found = pool.map(lambda paths: answer(paths, folder), by_scenario.values())
        for at, (name, one) in enumerate(zip(by_scenario, found, strict=True), start=1):
            _say(f"{at} of {len(by_scenario)} scenarios: {name}, {len(by_scenario[name])} logs")
            yield one


def _shown(folder: Path) -> str:
    """The folder from the root of the repository; of one elsewhere the name alone."""
    whole = folder.resolve()
    return whole.relative_to(ROOT).as_posix() if whole.is_relative_to(ROOT) else whole.name


def page(judged: Judged) -> str:
    """The whole of docs/score.md; the same for the same labels and reports."""
    labels = judged.labels
    head = _HEAD.format(
        corpus=judged.corpus, made=_made(labels), tool=judged.tool, counts=_counts(judged)
    )
    parts = [
        head.rstrip(),
        f"## Summary\n\n{tables.summary(judged)}",
        f"## Missed\n\n{_MISSED}\n\n{tables.missed(judged, _looked_into())}",
        f"## Rules: found\n\n{_RECALL}\n\n{tables.recall(judged)}",
        f"## Rules: false alarms\n\n{_ALARMS}\n\n{tables.false_alarms(judged)}",
        f"## Scenarios\n\n{_SCENARIOS}\n\n{tables.scenarios(judged)}",
        f"## Families\n\n{_FAMILIES}\n\n{tables.families(judged)}",
        f"## Evidence that the faults are faults\n\n{_EVIDENCE}\n\n{tables.evidence(labels)}",
        *_lists(judged),
    ]
    return "\n\n".join(parts) + "\n"


def _looked_into() -> Mapping[str, str]:
    """What a look at the runs that were missed has shown, by log."""
    told: dict[str, str] = json.loads(MISSES.read_text(encoding="utf-8"))
    return told


def _made(labels: Labels) -> str:
    rows = [
        [key, f"`{value}`" if key == "command" else value] for key, value in labels.made.items()
    ]
    return table(["made with", ""], rows)


def _counts(judged: Judged) -> str:
    """How many logs there are, of what kind, and in which families."""
    kinds = [outcome.scenario.kind for outcome in judged.outcomes]
    of_each = ", ".join(f"{kinds.count(kind)} {kind}" for kind in labelled.KINDS)
    scenarios = len({outcome.scenario.name for outcome in judged.outcomes})
    families = "; ".join(
        f"{split} {', '.join(name for name, own in judged.labels.families.items() if own == split)}"
        for split in labelled.SPLITS
    )
    return f"{len(kinds)} logs ({of_each}) of {scenarios} scenarios. Families: {families}."


def _lists(judged: Judged) -> Iterator[str]:
    """What is said once for each scenario or log, where there is something to say."""
    faults = [one for _, one in sorted(judged.labels.scenarios.items()) if one.is_fault]
    if harms := [[one.name, one.twin or "-", one.harm] for one in faults if one.harm]:
        yield table(["fault", "twin", "harm"], harms)
    if dropped := [[one.scenario, one.family, one.why] for one in judged.labels.dropped]:
        yield f"## Dropped\n\n{table(['scenario', 'family', 'why'], sorted(dropped))}"
    if unread := [[path, why] for path, why in sorted(judged.unread.items())]:
        told_of = "They are scored by what could be read of them."
        yield f"## Not read whole\n\n{told_of}\n\n{table(['log', 'why'], unread)}"


def _say(text: str) -> None:
    print(f"score: {text}", file=sys.stderr, flush=True)


def _at_least_one(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 up")
    return int(text)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m benchmarks.score", description="Score a corpus.")
    cores = os.cpu_count() or 1
    add = parser.add_argument
    add("--corpus", type=Path, default=CORPUS, metavar="DIR", help="Folder of labels.json.")
    add("--output", type=Path, default=OUTPUT, metavar="FILE", help="What to write.")
    add("--jobs", type=_at_least_one, default=min(4, cores), metavar="N", help="Processes at once.")
    return parser.parse_args(arguments)


def _write(output: Path, judged: Judged) -> None:
    try:
        output.write_text(page(judged), encoding="utf-8")
    except OSError as error:
        raise ScoreError(f"{output} cannot be written: {error.strerror}") from error


def main(arguments: Sequence[str] | None = None) -> int:
    """Score, write, and show the summary; exit code 2 with one line where that cannot be done."""
    options = _options(arguments)
    try:
        judged = judge(options.corpus, jobs=options.jobs)
        _write(options.output, judged)
    except ScoreError as error:
        _say(str(error))
        return 2
    print(tables.summary(judged))
    _say(f"wrote {options.output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
