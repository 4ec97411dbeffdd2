"""DATA002 throughput-degradation."""

from __future__ import annotations

import numpy as np
import pytest

from logparse.records import Resolution
from logparse.run import EpochFacts, Predecessor, Run
from tests.rules.asking import ask, fires, is_silent
from tests.runs import Array, make_run

PRINTED = {"throughput": Resolution(decimals=1)}


def paced(times: Array, *, noise: float = 0.02, seed: int = 0, **settings: object) -> Run:
    """Epochs of these lengths, with a scatter of the machine's own."""
    scatter = np.exp(noise * np.random.default_rng(seed).standard_normal(len(times)))
    rates = (10_000 / (times * scatter)).round(1)
    return make_run(throughput=rates, resolution=PRINTED, settings=settings)


def after_another_batch(before: float, now: float, *, old: str = "1", epochs: int = 3) -> Run:
    """A run of TRAIN_BATCH 2 below one of another batch size, with their throughputs."""
    tail = tuple(EpochFacts(at, 10 + at, (("throughput", before),)) for at in range(1, 4))
    run = Predecessor(3, 13, tail=tail, settings=(("TRAIN_BATCH", old),))
    rates = np.full(epochs, now)
    return make_run(throughput=rates, settings={"TRAIN_BATCH": 2}, predecessor=run, count=2)


@pytest.mark.parametrize("length", [12, 30, 70])
def test_a_steady_rise_by_half_is_a_warning(length: int) -> None:
    found = [
        fires("DATA002", paced(np.linspace(1, 2, length), seed=seed)).severity for seed in range(10)
    ]
    assert found == ["warning"] * 10


def test_the_onset_is_named() -> None:
    times = np.concatenate([np.ones(20), np.linspace(1, 3, 20)])
    onset = fires("DATA002", paced(times)).measured["onset_epoch"]
    assert abs(int(onset) - 21) <= 3


def test_a_smaller_batch_is_offered_against_swapping() -> None:
    finding = fires("DATA002", paced(np.linspace(1, 2, 30), TRAIN_BATCH=64))
    assert any("TRAIN_BATCH 64 -> 32" in remedy for remedy in finding.remedies)


def test_half_of_a_batch_is_a_whole_number_of_samples() -> None:
    def smaller(batch: int) -> list[str]:
        found = fires("DATA002", paced(np.linspace(1, 2, 30), TRAIN_BATCH=batch)).remedies
        return [edit for edit in found if "TRAIN_BATCH" in edit]

    assert smaller(25) == ["if it swaps: TRAIN_BATCH 25 -> 12, and accumulate over 2 batches"]
    assert smaller(1) == []


def test_a_level_of_five_times_the_time_is_a_warning_however_it_came() -> None:
    times = np.concatenate([np.ones(20), np.full(20, 6.0)])
    assert fires("DATA002", paced(times, noise=0.3)).severity == "warning"


def test_an_unsteady_rise_by_half_is_a_note_of_low_confidence() -> None:
    times = np.concatenate([np.ones(15), np.full(20, 2.0)])
    finding = fires("DATA002", paced(times, noise=0.1))
    assert (finding.severity, finding.confidence) == ("note", "low")
    assert finding.causes[0] == "another program shares the machine"


def test_times_are_judged_where_no_throughput_is_printed() -> None:
    run = make_run(elapsed_s=np.linspace(10, 20, 30), resolution={"elapsed_s": Resolution(1)})
    assert fires("DATA002", run).severity == "warning"


def test_near_miss_a_rise_by_a_tenth() -> None:
    is_silent("DATA002", paced(np.linspace(1, 1.1, 40)))


def test_near_miss_epochs_that_become_faster() -> None:
    is_silent("DATA002", paced(np.linspace(2, 1, 40)))


def test_false_alarm_single_slow_epochs() -> None:
    times = np.ones(40)
    times[[12, 25, 33, 38]] = 4.0
    is_silent("DATA002", paced(times))


def test_false_alarm_a_slow_first_epoch_and_a_load_that_passes() -> None:
    times = np.ones(40)
    times[0], times[20:26] = 8.0, 3.0
    is_silent("DATA002", paced(times))


def test_level_epochs_are_left_alone_whatever_their_scatter() -> None:
    runs = [
        paced(np.ones(length), noise=noise, seed=seed)
        for length in (8, 12, 40)
        for noise in (0.01, 0.1)
        for seed in range(20)
    ]
    assert [found for run in runs for found in ask("DATA002", run)[0]] == []


def test_a_larger_batch_that_is_slower_is_noted_even_in_a_short_run() -> None:
    finding = fires("DATA002", after_another_batch(before=6.25, now=2.0))
    assert (finding.severity, finding.measured["ratio"]) == ("note", 3.125)
    assert finding.remedies == ("TRAIN_BATCH 2 -> 1",)
    assert finding.causes == ("the larger batch does not fit: swapping",)


def test_near_miss_another_batch_at_the_same_pace() -> None:
    assert ask("DATA002", after_another_batch(6.0, 5.5))[1].outcome == "too-short"
    is_silent("DATA002", after_another_batch(6.0, 5.5, epochs=9))


def test_near_miss_the_same_batch_at_another_pace() -> None:
    is_silent("DATA002", after_another_batch(6.0, 2.0, old="2", epochs=9))


def test_without_times_it_is_not_applicable_and_seven_epochs_are_too_short() -> None:
    assert ask("DATA002", make_run(val_rmse=np.ones(9)))[1].outcome == "not-applicable"
    assert ask("DATA002", paced(np.linspace(1, 2, 7)))[1].outcome == "too-short"
    dead = make_run(throughput=np.zeros(9), elapsed_s=np.zeros(9))
    assert ask("DATA002", dead)[1].outcome == "too-short"
