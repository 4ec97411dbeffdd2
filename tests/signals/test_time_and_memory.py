"""Timing, drift, memory and what is known of the run before."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from logparse.records import Resolution
from logparse.signals import Signals
from logparse.signals.machine.drift import steadiness
from logparse.signals.machine.timing import duration
from tests.reading import runs_of
from tests.runs import make_run

EPOCH = (
    "E{epoch:02d} | OPTS[1:{lr}|cnts=[39]] | GN[0.001,0.001,0.001,0.002] "
    "| GD[2.1e-04,1.7e-03,3.7e-03] | UR[2.5e-07,1.7e-04] | lr={lr} | TR[0.0{rmse},0.27,0.067] "
    "| VL[0.0{rmse},0.27,0.065] | SR=0.020 | SL=0.00,HR=0.000 | T={time}s,TP={rate}s/s\n"
)


def test_an_epoch_is_samples_over_throughput_where_both_are_known() -> None:
    run = make_run(
        elapsed_s=[0.1] * 5,
        throughput=np.full(5, 20_000.0),
        resolution={"elapsed_s": Resolution(decimals=1)},
        settings={"TRAIN_WINDOWS": 1500, "TRAIN_BATCH": 30, "MAX_EPOCHS": 100},
    )
    timing = Signals(run).machine.timing
    assert timing.epoch_s == pytest.approx(0.075)
    assert timing.step_s == pytest.approx(0.0015)
    assert (timing.planned_s, timing.left_s) == (pytest.approx(7.5), pytest.approx(7.125))
    assert timing.pace() == "75 ms per epoch, 1.5 ms per batch, 7.5 s as planned, " + (
        "until 2025-11-03 11:48 UTC"
    )


def test_coarse_times_tell_no_samples() -> None:
    coarse = {"elapsed_s": Resolution(decimals=1)}
    run = make_run(elapsed_s=[0.1] * 5, throughput=np.full(5, 100.0), resolution=coarse)
    assert Signals(run).machine.timing.samples is None
    run = make_run(elapsed_s=[10.1] * 5, throughput=np.full(5, 100.0), resolution=coarse)
    assert Signals(run).machine.timing.samples == pytest.approx(1010)


def test_a_finish_after_the_end_of_the_calendar_is_left_out() -> None:
    run = make_run(elapsed_s=[1e300] * 3, settings={"MAX_EPOCHS": 70})
    assert Signals(run).machine.timing.finish is None


def test_a_resumed_run_makes_only_the_epochs_that_are_left() -> None:
    run = make_run(elapsed_s=[3600.0] * 3, epochs=range(21, 24), settings={"MAX_EPOCHS": 30})
    assert Signals(run).machine.timing.finish == "2025-11-03 21:48 UTC"
    run = make_run(elapsed_s=[3600.0] * 3, epochs=range(5, 16, 5), settings={"MAX_EPOCHS": 30})
    assert Signals(run).machine.timing.finish == "2025-11-04 17:48 UTC"


def test_a_run_without_times_has_no_pace() -> None:
    assert Signals(make_run(val_rmse=[0.1] * 3)).machine.timing.pace() == ""


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0015, "1.5 ms"),
        (1.0, "1 s"),
        (119, "119 s"),
        (600, "10 min"),
        (1e4, "2.78 h"),
        (1e6, "11.6 d"),
    ],
)
def test_a_duration_is_said_in_the_unit_that_fits(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_drift_of_an_exact_rise() -> None:
    drift = Signals(make_run(throughput=1000 / np.linspace(1, 2, 31))).machine.slowdown
    assert drift is not None
    assert drift.steadiness == 1
    assert drift.share == pytest.approx((29 / 30) / (1 + 5.5 / 30))
    assert drift.end_level > drift.start_level


def test_drift_leaves_the_first_epoch_out() -> None:
    drift = Signals(make_run(throughput=[1.0, *[1000.0] * 10])).machine.slowdown
    assert drift is not None
    assert (drift.points, drift.ratio, drift.share) == (10, 1, 0)


def test_three_times_are_no_drift() -> None:
    assert Signals(make_run(elapsed_s=[1.0, 2.0, 3.0])).machine.slowdown is None


def test_steadiness_counts_pairs_and_has_no_opinion_on_one_point() -> None:
    assert steadiness(np.arange(10.0)) == 1
    assert steadiness(-np.arange(5000.0)) == -1
    assert steadiness(np.ones(9)) == 0
    assert steadiness(np.ones(1)) == 0


def test_memory_knows_peak_reserve_capacity_and_headroom() -> None:
    micro = {"gpu_peak_mb": 2048, "gpu_reserved_mb": 4096, "gpu_total_mb": 8192}
    memory = Signals(replace(make_run(gpu_gib=[1.0, 3.0]), micro=micro)).machine.memory
    assert (memory.peak, memory.reserved, memory.capacity, memory.headroom) == (3, 4, 8, 5)
    assert memory.source == "logged"


def test_a_declared_capacity_counts_where_none_is_logged() -> None:
    memory = Signals(make_run(gpu_gib=[1.0], settings={"GPU_MEMORY_GIB": 24})).machine.memory
    assert (memory.capacity, memory.source) == (24, "declared")


def test_the_reader_keeps_what_the_next_run_is_compared_with() -> None:
    def epoch(at: int, rate: str, throughput: float) -> str:
        return EPOCH.format(epoch=at, lr=rate, rmse=99 - at, time=2.0, rate=throughput)

    text = "RUN START: 2025-11-03T11:48:00Z\n\nHYPERPARAMS:\n  TRAIN_BATCH = 2\n\n"
    text += "".join(epoch(at, "1.0e-03", 500.0) for at in range(1, 31))
    text += "RUN START: 2025-11-03T12:48:00Z\n\nHYPERPARAMS:\n  TRAIN_BATCH = 4\n\n"
    text += "".join(epoch(at, "1.0e-03", 250.0) for at in range(31, 41))
    first, second = runs_of(text)
    before = second.predecessor
    assert first.predecessor is None
    assert before is not None
    assert [facts.epoch for facts in before.head] == [1, 2, 3, 4, 5]
    assert [facts.epoch for facts in before.tail] == list(range(7, 31))
    assert before.tail[-1].get("throughput") == 500
    assert before.tail[-1].get("no_such_column") is None
    assert (before.started, before.settings) == (first.started, (("TRAIN_BATCH", "2"),))
    change = Signals(second).machine.timing.batch_change
    assert change is not None
    assert (change.batch_before, change.batch, change.slower) == (2, 4, 2)


def test_the_same_batch_is_no_change() -> None:
    assert Signals(make_run(throughput=[1.0] * 5)).machine.timing.batch_change is None


@pytest.mark.parametrize("key", ["TRAIN_BATCH", "BATCH_SIZE", "train_batch_size"])
def test_the_batch_is_known_under_any_of_its_names(key: str) -> None:
    run = make_run(throughput=[1.0] * 5, settings={key: 32})
    assert Signals(run).machine.timing.batch == 32
