"""REP001 and REP002: what a log must record, and which differences mean nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from logparse.findings import Confidence, Finding, Severity
from logparse.rules import Clear
from logparse.rules.essentials import prereleases, recorded
from logparse.rules.rep.unresolvable_difference import UnresolvableDifference
from logparse.signals.consistency.differences import difference
from tests.rules.asking import ask, fires, is_silent
from tests.runs import make_run

if TYPE_CHECKING:
    from logparse.run import Run

ENV = {"python": "3.12.3", "torch": "2.9.1+cu128", "cuda": "12.8", "device_name": "a GPU"}


def run_of(env: dict[str, Any] | None = None, **settings: Any) -> Run:
    run = make_run(val_rmse=[0.1], settings={"MAX_EPOCHS": 1, **settings})
    return replace(run, micro={"env": ENV if env is None else env})


def test_a_log_without_a_seed_is_a_note() -> None:
    found = fires("REP001", run_of())
    assert (found.severity, found.confidence) == (Severity.NOTE, Confidence.HIGH)
    assert found.measured["missing"] == "seed, commit, data"
    assert found.remedies[0].startswith("set the seeds")


def test_seed_versions_device_and_settings_are_enough() -> None:
    said = is_silent("REP001", run_of(SEED=0))
    assert said == "seed, versions, device, settings are recorded, but no commit and no data"


def test_everything_recorded_is_said_without_a_but() -> None:
    said = is_silent("REP001", run_of(RANDOM_SEED=7, GIT_COMMIT="a1b2", DATASET="letters"))
    assert said == "seed, versions, device, settings, commit, data are recorded"


def test_a_seed_of_none_is_none() -> None:
    assert "seed" in str(fires("REP001", run_of(SEED=None)).measured["missing"])


@pytest.mark.parametrize("env", [{}, {"python": "3.12"}, {"torch": None, "device_name": ""}])
def test_versions_and_device_may_be_missing_too(env: dict[str, Any]) -> None:
    found = fires("REP001", run_of(env, SEED=0))
    assert str(found.measured["missing"]).startswith("versions, device")


@pytest.mark.parametrize(
    ("version", "is_early"),
    [
        ("2.7.0a0+ecf3bae40a.nv25.02", True),
        ("2.8.0.dev20250601+cu128", True),
        ("2.8.0rc1", True),
        ("2.13.0+cpu", False),
        ("2.9.1+dev5b2", False),
        ("2.9.1", False),
    ],
)
def test_a_prerelease_is_a_note(version: str, is_early: bool) -> None:
    run = run_of({**ENV, "torch": version}, SEED=0)
    assert prereleases(run) == ((f"torch {version}",) if is_early else ())
    findings, _ = ask("REP001", run)
    assert bool(findings) is is_early


def test_names_that_only_sound_alike_are_not_taken() -> None:
    run = run_of({}, SEEDLING=1, DATA_WORKERS=8, DEVICE_SYNCS=2, COMMITTEE=5, TORCH_COMPILE=True)
    assert recorded(run) == ("settings",)


def test_a_run_without_its_header_is_not_judged() -> None:
    findings, check = ask("REP001", make_run(val_rmse=[0.1], started=None))
    assert findings == () and check.outcome == "not-applicable"


def test_a_run_that_never_began_needs_no_record() -> None:
    findings, check = ask("REP001", make_run(settings={"MAX_EPOCHS": 1}))
    assert findings == () and check.outcome == "not-applicable"


def test_one_run_has_no_difference() -> None:
    findings, check = ask("REP002", make_run(val_rmse=[0.1]))
    assert findings == () and check.outcome == "not-applicable"
    assert "two runs or groups" in check.reason


def compared(
    first: list[float], second: list[float], assumed_sd: float | None = None
) -> Finding | Clear:
    found = difference(first, second, assumed_sd)
    assert found is not None
    return UnresolvableDifference().compare(found, "val_rmse")


def test_a_difference_within_seed_noise_is_a_note() -> None:
    found = compared([0.10, 0.11, 0.12], [0.105, 0.115, 0.125])
    assert isinstance(found, Finding)
    assert (found.severity, found.confidence) == (Severity.NOTE, Confidence.HIGH)
    assert "within seed noise" in found.reading
    assert found.measured["seed_sd"] == pytest.approx(0.01)
    assert found.measured["seeds_needed"] == 64
    assert found.remedies == ("train 64 seeds on each side",)
    assert found.confirm == "With 64 seeds on each side the means differ by 0.00354 or more."


def test_a_difference_far_beyond_it_is_clear() -> None:
    assert isinstance(compared([0.10, 0.11, 0.12], [0.20, 0.21, 0.22]), Clear)


def test_a_single_run_on_a_side_settles_nothing() -> None:
    found = compared([0.10, 0.11, 0.12], [0.2])
    assert isinstance(found, Finding)
    assert "rests on a single run" in found.reading
    assert found.confidence is Confidence.MEDIUM


def test_an_assumed_spread_is_said_to_be_one() -> None:
    found = compared([0.10], [0.11], assumed_sd=0.01)
    assert isinstance(found, Finding)
    assert found.measured["seed_sd_is"] == "assumed"
    assert found.remedies == ("train 17 seeds on each side",)  # which measures the SD as well


def test_no_difference_at_all_needs_no_number_of_seeds() -> None:
    found = compared([0.10, 0.11, 0.12], [0.12, 0.11, 0.10])
    assert isinstance(found, Finding)
    assert found.measured["seeds_needed"] == "more than 1000"
    assert found.remedies[0].startswith("choose by another measure")
    assert found.confirm == "Another pair of runs differs as little."


def test_equal_values_without_any_spread_do_not_differ() -> None:
    assert isinstance(compared([0.1] * 3, [0.1] * 3), Finding)
    assert isinstance(compared([0.1] * 3, [0.2] * 3), Clear)
