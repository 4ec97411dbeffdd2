"""DATA003 timing-arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from logparse.records import Resolution
from logparse.run import EpochFacts, Predecessor, Run
from tests.rules.asking import ask, fires, is_silent
from tests.runs import Array, make_run, make_settings

STEPS = {"elapsed_s": Resolution(decimals=1), "throughput": Resolution(decimals=1)}


def timed(
    times: Array | list[float], rate: float = 1000.0, micro: Mapping[str, object] | None = None
) -> Run:
    """Epochs of 10,000 samples in batches of 100, by its settings, over 50 planned epochs."""
    run = make_run(
        elapsed_s=times,
        throughput=np.full(len(times), rate),
        resolution=STEPS,
        settings={"TRAIN_WINDOWS": 10_000, "TRAIN_BATCH": 100, "MAX_EPOCHS": 50},
    )
    return replace(run, micro=dict(micro or {}))


def test_time_and_throughput_that_do_not_make_the_samples_clash() -> None:
    finding = fires("DATA003", timed([20.0] * 5))
    assert (finding.severity, finding.confidence) == ("warning", "high")
    assert finding.measured["other"] == "declared samples per epoch"
    assert float(finding.measured["ratio"]) == pytest.approx(2, rel=0.01)


def test_agreement_is_said_with_the_pace_and_the_end() -> None:
    reason = is_silent("DATA003", timed([10.0] * 5))
    assert reason == (
        "2 pairs of figures agree; 10 s per epoch, 100 ms per batch, 8.33 min as planned, "
        "until 2025-11-03 11:56 UTC"
    )


def test_one_epoch_that_does_not_fit_the_others_clashes() -> None:
    finding = fires("DATA003", timed([10.0, 10.0, 10.0, 25.0, 10.0]))
    assert "E04" in str(finding.measured["one"])


def test_scheduler_steps_that_do_not_make_the_epochs_clash() -> None:
    run = replace(timed([10.0] * 5), optimizer={"total_steps": 10_000})
    finding = fires("DATA003", run)
    assert (finding.measured["value"], finding.measured["against"]) == (200, 100)
    assert "scheduler" in finding.causes[0]


def steps_of(total: int, **settings: object) -> Run:
    run = replace(timed([10.0] * 5), optimizer={"total_steps": total})
    values = {"TRAIN_WINDOWS": 10_000, "MAX_EPOCHS": 50, **settings}
    return replace(run, settings=make_settings(values))


@pytest.mark.parametrize("total", [50, 100])
def test_false_alarm_a_last_batch_that_is_small_or_left_out(total: int) -> None:
    """10,000 samples in batches of 6,000: one step, or two."""
    is_silent("DATA003", steps_of(total, TRAIN_BATCH=6000))


def test_false_alarm_gradients_of_several_batches_are_accumulated() -> None:
    is_silent("DATA003", steps_of(1250, TRAIN_BATCH=100, GRAD_ACCUM_STEPS=4))
    fires("DATA003", steps_of(1250, TRAIN_BATCH=100))


def test_epochs_longer_than_from_one_start_to_the_next_clash() -> None:
    run = timed([10.0] * 5)
    assert run.started is not None
    tail = tuple(EpochFacts(at, 10 + at, (("elapsed_s", 100.0),)) for at in range(1, 5))
    before = Predecessor(4, 14, started=run.started - timedelta(seconds=60), tail=tail)
    finding = fires("DATA003", replace(run, predecessor=before))
    assert "two programs" in finding.causes[0]


def test_a_sample_shorter_than_its_parts_clashes() -> None:
    parts = {"dataloader_ms": 50.0, "full_forward_ms": 60.0, "backward_ms": 20.0}
    finding = fires("DATA003", timed([10.0] * 5, micro={**parts, "collector_ms": 80.0}))
    assert finding.measured["one"] == "the sampled parts"
    is_silent("DATA003", timed([10.0] * 5, micro={**parts, "collector_ms": 131.0}))


def test_a_sampled_rate_that_its_own_parts_do_not_make_clashes() -> None:
    micro = {"num_segments": 100, "full_forward_ms": 50.0, "segments_per_sec": 4000.0}
    finding = fires("DATA003", timed([10.0] * 5, micro=micro))
    assert finding.measured["ratio"] == 0.5


def test_a_whole_batch_slower_than_whole_steps_is_only_noted() -> None:
    micro = {"num_segments": 100, "full_forward_ms": 500.0, "segments_per_sec": 200.0}
    finding = fires("DATA003", timed([10.0] * 5, micro=micro))
    assert (finding.severity, finding.confidence) == ("note", "low")
    assert finding.causes == ("the system interrupted the sampled batch",)


def test_false_alarm_a_part_of_a_batch_which_keeps_the_device_idle() -> None:
    micro = {"num_segments": 4, "full_forward_ms": 20.0, "segments_per_sec": 200.0}
    is_silent("DATA003", timed([10.0] * 5, micro=micro))


def test_false_alarm_a_whole_batch_that_the_system_slowed_down() -> None:
    micro = {"num_segments": 100, "full_forward_ms": 150.0, "segments_per_sec": 100 / 0.15}
    is_silent("DATA003", timed([10.0] * 5, micro=micro))


def test_false_alarm_times_too_short_to_be_printed() -> None:
    """0.0 s stands for anything up to 0.05 s."""
    run = make_run(
        elapsed_s=[0.0, 0.1, 0.0, 0.0],
        throughput=[40_000.0, 30_000.0, 40_000.0, 40_000.0],
        resolution=STEPS,
        settings={"TRAIN_WINDOWS": 1536},
    )
    is_silent("DATA003", run)


def test_near_miss_a_fifth_apart_is_still_agreement() -> None:
    is_silent("DATA003", timed([12.0] * 5))


def test_a_run_without_times_has_nothing_to_say() -> None:
    findings, check = ask("DATA003", make_run(val_rmse=[0.1] * 5))
    assert (findings, check.reason) == ((), "")
