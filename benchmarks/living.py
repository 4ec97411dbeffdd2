"""`python -m benchmarks.living`: what is said of runs while they go on; docs/living-figures.md.

A fixed part of the corpus is judged after every epoch. The figures show what each rule would raise
too soon, what waiting costs, and which waiting is enough. About four minutes on two cores.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from operator import attrgetter
from pathlib import Path
from statistics import mean, median

from benchmarks import labels as labelled
from benchmarks.figures import table
from benchmarks.labels import SPLITS, LabelledLog, Labels
from benchmarks.living_measures import (
    MAX_ALARMS,
    MAX_ANY,
    MAX_PASSING,
    POLICIES,
    WAITS,
    Corpus,
    Heard,
    Wait,
    flaps,
    later,
    living,
    measured_wait,
    onset,
    shipped,
    told,
    worst,
)
from benchmarks.replays import RULES, replays
from logparse.findings import Severity

ROOT = Path(__file__).parent.parent
CORPUS = ROOT / "fixtures" / "scenarios"
OUTPUT = ROOT / "docs" / "living-figures.md"
EVERY = {True: 3, False: 2}
"""Of faults, and of healthy runs and traps, every so many-th log is replayed."""
BY_MEANING = ("LOG003", "LOSS004", "LOSS006", "LR004")
"""What these speak of is the end of the run or its late part, whatever is measured."""

_HEAD = """\
# While a run goes on

Written by `make bench-living` from a part of the corpus in `fixtures/scenarios`:

{counts}

Every run was judged after each of its epochs, as it was known then. Rules that are made for whole
runs speak too soon, and two things of a rule say what is done about it while a run goes on:

- `needs_end`: it says nothing until the run is over;
- `settles_in`: a finding is raised once it has been found after so many epochs on end and one more,
  and cleared once it has been gone for as long; 0 is at once.

A finding *passes* if it is raised while the run goes on and is not in its final report. On a
healthy run or a trap, unless the scenario accepts it, that is a *false alarm* if it was an error or
a warning. On a faulty run it may have been true when it was said.

`settles_in` is chosen by measure, for all rules alike. It is the least of {waits} with which
at most

- {alarms:.0%} of the healthy runs and traps of the tuning families get a false alarm,
- {any:.0%} of them get any finding that passes,
- {passing:.0%} of the faulty runs of the tuning families get one that passes.

A rule for which none is enough needs the end. So do, whatever is measured, those that speak of the
end of the run or of its late part: {by_meaning}."""
_TOTALS = """\
The healthy runs and traps with a finding that passes: of the tuning, then of the held-out families.
*Every rule, at once* is what `logdiag analyze` would say of the log after every epoch; *those, once
settled* is what `logdiag tail` says. *Flaps*: how many times a finding is raised and
cleared again."""
_FAULTS = """\
*In time*: an expected code of the final report is raised before the last epoch, and stands. *Epochs
left* are those that need not have been run; *after the fault* is counted from the epoch that the
label names. Both are medians of the runs told in time."""
_RULES = """\
How many runs get a finding that passes if all rules judge while the run goes on, and a finding has
to settle for {waits} epochs. *Later*: by how many epochs a finding that lasts is raised later
for it, in the mean of the faulty runs whose labels expect or accept it. Rules that are not listed
were never seen to pass, and are raised at once."""


def sample(labels: Labels) -> list[LabelledLog]:
    """The logs that are replayed: the same ones each time, of every scenario and family."""
    logs = sorted(labels.logs, key=attrgetter("path"))
    of_kind = ([log for log in logs if labels.scenarios[log.scenario].is_fault is f] for f in EVERY)
    return [log for one, every in zip(of_kind, EVERY.values(), strict=True) for log in one[::every]]


def page(corpus: Corpus) -> str:
    """The whole of docs/living-figures.md."""
    waits = ", ".join(map(str, WAITS))
    head = _HEAD.format(
        counts=_counts(corpus),
        waits=waits,
        alarms=MAX_ALARMS,
        any=MAX_ANY,
        passing=MAX_PASSING,
        by_meaning=", ".join(BY_MEANING),
    )
    parts = [
        head,
        f"## Healthy runs and traps\n\n{_TOTALS}\n\n{totals(corpus)}",
        f"## Faults\n\n{_FAULTS}\n\n{fault_totals(corpus)}\n\n{fault_scenarios(corpus)}",
        f"## Rules\n\n{_RULES.format(waits=waits)}\n\n{rules(corpus)}",
    ]
    return "\n\n".join(parts) + "\n"


def _counts(corpus: Corpus) -> str:
    """How many logs of which kind were replayed."""
    rows = [
        [name, *(str(len(corpus.of(split, is_fault=is_fault))) for split in SPLITS)]
        for name, is_fault in (("healthy runs and traps", False), ("faults", True))
    ]
    return table(["logs", *SPLITS], rows)


def totals(corpus: Corpus) -> str:
    """How many healthy runs and traps are bothered, under each policy."""
    kinds = {"an error": 3, "an error or a warning": 2, "anything": 1}
    rows = []
    for name, policy in POLICIES.items():
        cells: dict[str, list[str]] = {kind: [] for kind in (*kinds, "flaps")}
        for split in SPLITS:
            logs = corpus.of(split, is_fault=False)
            ranks = [worst(corpus, log, *policy) for log in logs]
            for kind, least in kinds.items():
                cells[kind].append(f"{sum(rank >= least for rank in ranks)} of {len(logs)}")
            cells["flaps"].append(str(flaps(corpus, logs, *policy)))
        rows.append([name, *(", ".join(one) for one in cells.values())])
    return table(["who speaks while a run goes on", *kinds, "flaps"], rows)


_FAULT_HEADS = ("in time", "epochs left", "after the fault", "flaps")


def fault_totals(corpus: Corpus) -> str:
    """How many faults are told in time, under each policy."""
    rows = [
        [name, split, *_fault_cells(corpus, corpus.of(split, is_fault=True), *policy)]
        for name, policy in POLICIES.items()
        for split in SPLITS
    ]
    return table(["who speaks while a run goes on", "families", *_FAULT_HEADS], rows)


def fault_scenarios(corpus: Corpus) -> str:
    """The same of each scenario, as logdiag has it."""
    by_scenario: dict[str, list[LabelledLog]] = {}
    for log in corpus.of(is_fault=True):
        by_scenario.setdefault(log.scenario, []).append(log)
    rows = [
        [
            name,
            " ".join(corpus.scenario(logs[0]).expects),
            *_fault_cells(corpus, logs, living, shipped),
        ]
        for name, logs in by_scenario.items()
    ]
    return table(["scenario", "expects", *_FAULT_HEADS], rows)


def _fault_cells(
    corpus: Corpus, logs: Sequence[LabelledLog], heard: Heard, wait: Wait
) -> list[str]:
    found = {log: one for log in logs if (one := told(corpus, log, heard, wait)) is not None}
    begun = {log: onset(corpus.scenario(log)) for log in found}
    since = [found[log].epoch - epoch for log, epoch in begun.items() if epoch is not None]
    left = [one.left for one in found.values()]
    again = str(flaps(corpus, logs, heard, wait))
    return [f"{len(found)} of {len(logs)}", _median(left), _median(since), again]


def _median(values: Sequence[int]) -> str:
    return f"{median(values):g}" if values else "-"


_GROUPS = {
    "false alarms": (False, Severity.WARNING),
    "any, healthy and traps": (False, Severity.NOTE),
    "any, faults": (True, Severity.NOTE),
}
"""What passes: on faults or not, and of which severity at least."""


def rules(corpus: Corpus) -> str:
    """What each rule would raise too soon, and what waiting costs."""
    groups = [f"{name}: {split}" for name in _GROUPS for split in SPLITS]
    return table(["rule", "waits", "by measure", *groups, "later"], _rule_rows(corpus))


def _rule_rows(corpus: Corpus) -> Iterator[list[str]]:
    for code, rule in RULES.items():
        passing = [
            [corpus.count(code, wait, split, is_fault=on, least=least) for wait in WAITS]
            for on, least in _GROUPS.values()
            for split in SPLITS
        ]
        found, delays = measured_wait(code, corpus), [later(corpus, code, wait) for wait in WAITS]
        if code in BY_MEANING or any(map(any, passing)):
            yield [
                f"{code} {rule.name}",
                "end" if rule.needs_end else str(rule.settles_in),
                "end" if found is None else str(found),
                *(" ".join(map(str, counts)) for counts in passing),
                " ".join(f"{mean(one):.1f}" for one in delays if one) or "-",
            ]


def _jobs(arguments: Sequence[str] | None) -> int:
    parser = argparse.ArgumentParser("python -m benchmarks.living", description="Living runs.")
    parser.add_argument("--jobs", type=int, default=min(4, os.cpu_count() or 1), metavar="N")
    return int(parser.parse_args(arguments).jobs)


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes docs/living-figures.md, and says which rules wait otherwise than measured."""
    jobs = _jobs(arguments)
    labels = labelled.read(CORPUS)
    logs = sample(labels)
    replayed = zip(logs, replays(logs, CORPUS, jobs), strict=True)
    corpus = Corpus(labels, dict(replayed))
    OUTPUT.write_text(page(corpus), encoding="utf-8")
    for code, rule in RULES.items():
        found, waits = measured_wait(code, corpus), None if rule.needs_end else rule.settles_in
        if code not in BY_MEANING and found != waits:
            print(f"{code} waits for {waits}, by measure for {found} (None: the end)")
    print(f"wrote {OUTPUT.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
