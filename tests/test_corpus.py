"""The committed corpus is what its labels say, and can be read."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import pytest

import logparse
from benchmarks.labels import Labels, read

CORPUS = Path(__file__).parent.parent / "fixtures" / "scenarios"


@pytest.fixture(scope="module")
def labels() -> Labels:
    return read(CORPUS)


def test_it_is_small_enough_to_live_here() -> None:
    sizes = [path.stat().st_size for path in CORPUS.rglob("*") if path.is_file()]
    assert sum(sizes) <= 15 * 2**20


def test_every_log_is_labelled_and_every_label_has_its_log(labels: Labels) -> None:
    on_disk = {str(path.relative_to(CORPUS)) for path in CORPUS.rglob("*.xz")}
    assert on_disk == {log.path for log in labels.logs}


def test_there_are_five_seeds_and_four_families(labels: Labels) -> None:
    seeds = Counter((log.scenario, log.family) for log in labels.logs)
    assert set(seeds.values()) == {5}
    assert len(labels.families) >= 4
    assert set(labels.families.values()) == {"tuning", "held-out"}


def test_every_scenario_is_there_or_its_absence_explained(labels: Labels) -> None:
    present, absent = defaultdict(set), defaultdict(set)
    for log in labels.logs:
        present[log.scenario].add(log.family)
    for drop in labels.dropped:
        assert drop.why
        absent[drop.scenario].add(drop.family)
    for name in labels.scenarios:
        assert present[name] | absent[name] == set(labels.families)
        assert not present[name] & absent[name]


def test_a_fault_is_kept_only_where_it_hurt(labels: Labels) -> None:
    for log in labels.logs:
        scenario = labels.scenarios[log.scenario]
        if scenario.is_fault:
            found = scenario.evidence[log.family]
            assert found.is_kept and found.of == 5 and found.p < 0.05


def test_runs_have_twenty_to_eighty_epochs(labels: Labels) -> None:
    short = {log.scenario for log in labels.logs if log.epochs < 20}
    # Ten epochs are the point of one trap; the other ends by itself, which is the fault.
    assert short <= {"short-onecycle", "schedule-cut-short"}
    assert max(log.epochs for log in labels.logs) <= 80


FIRST = [path for folder in sorted(CORPUS.glob("*/")) for path in sorted(folder.glob("*-0.log.xz"))]


@pytest.mark.parametrize("path", FIRST, ids=lambda path: f"{path.parent.name}/{path.name[:-9]}")
def test_a_log_is_read_whole(path: Path) -> None:
    runs = logparse.read_all(path)
    is_cut = path.parent.name == "truncated-file"
    for run in runs:
        assert run.format == "run-log" and run.dialect in ("F2", "F")  # F: nothing but nan
        assert len(run.unparsed) <= is_cut
    assert sum(len(run.epochs) for run in runs) >= 5
