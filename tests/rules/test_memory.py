"""MEM001 memory-creep, MEM002 near-capacity, MEM003 reserved-far-above-allocated."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from logparse.records import Resolution
from logparse.run import Run
from tests.rules.asking import ask, fires, is_silent
from tests.runs import Array, make_run, make_settings

TWO = {"gpu_gib": Resolution(decimals=2)}
CARD = {"env": {"device_name": "NVIDIA A100-SXM4-40GB"}}


def used(marks: Array | list[float], **micro: object) -> Run:
    """A run with these high-water marks of memory, printed with two digits."""
    run = make_run(gpu_gib=np.round(marks, 2), resolution=TWO, settings={"TRAIN_BATCH": 64})
    return replace(run, micro=micro)


def leaking(length: int, share: float, seed: int) -> Run:
    """A level of 4 to 20 GiB, of which every epoch keeps a share more, some more than others."""
    rng = np.random.default_rng(seed)
    level = rng.uniform(4, 20)
    kept = level * share * rng.gamma(4, 0.25, length - 1)
    return used(level + np.concatenate([[0], np.cumsum(kept)]))


def healthy(length: int, seed: int, *, batches: int = 50) -> Run:
    """Longest of all batches so far, whose lengths vary: the mark rises ever more seldom."""
    rng = np.random.default_rng(seed)
    lengths = rng.normal(10, rng.uniform(0, 1), (length, batches)).max(axis=1)
    return used(np.maximum.accumulate(np.concatenate([[lengths.min() / 2], lengths]))[1:])


@pytest.mark.parametrize(("length", "share"), [(12, 0.01), (20, 0.01), (40, 0.005), (70, 0.002)])
def test_a_share_kept_in_every_epoch_is_found(length: int, share: float) -> None:
    found = [bool(ask("MEM001", leaking(length, share, seed))[0]) for seed in range(40)]
    assert np.mean(found) >= 0.95


def test_batches_of_varying_length_are_left_alone() -> None:
    runs = [healthy(length, seed) for length in (8, 12, 20, 40, 70) for seed in range(60)]
    assert [run for run in runs if ask("MEM001", run)[0]] == []


def test_creep_is_a_warning_with_the_epochs_that_are_left() -> None:
    finding = fires("MEM001", used(10 + 0.5 * np.arange(20), **CARD))
    assert (finding.severity, finding.confidence) == ("warning", "medium")
    assert finding.measured["gib_per_epoch"] == pytest.approx(0.5)
    assert finding.measured["epochs_to_capacity"] == pytest.approx(41)
    assert "full at about E61" in finding.reading


def test_creep_that_fills_nothing_before_the_plan_ends_gives_no_date() -> None:
    run = used(10 + 0.5 * np.arange(20), **CARD)
    finding = fires("MEM001", replace(run, settings=make_settings({"MAX_EPOCHS": 40})))
    assert "full" not in finding.reading
    assert finding.measured["epochs_to_capacity"] == pytest.approx(41)


def test_creep_without_a_known_capacity_gives_no_date() -> None:
    assert "epochs_to_capacity" not in fires("MEM001", used(4 + 0.5 * np.arange(20))).measured


def test_near_miss_growth_of_a_hundredth_is_no_creep() -> None:
    is_silent("MEM001", used(10 + 0.005 * np.arange(20)))


def test_false_alarm_one_jump_after_the_header_has_reset_the_mark() -> None:
    is_silent("MEM001", used([0.18, *[5.4] * 19]))
    is_silent("MEM001", used([5.0] * 10 + [8.0] * 10))


def test_false_alarm_a_growth_that_ends() -> None:
    is_silent("MEM001", used(np.minimum(5 + 0.3 * np.arange(40), 8)))


def test_creep_needs_a_device_and_six_epochs() -> None:
    assert ask("MEM001", used([0.0] * 20))[1].reason.startswith("no GPU memory is in use")
    assert ask("MEM001", used([4, 5, 6, 7]))[1].outcome == "too-short"
    assert ask("MEM001", make_run(val_rmse=[0.1] * 9))[1].outcome == "not-applicable"


def test_nine_tenths_of_the_device_are_near_capacity() -> None:
    finding = fires("MEM002", used([30.0, 37.0], **CARD))
    assert (finding.severity, finding.confidence) == ("warning", "medium")
    assert finding.remedies[0] == "TRAIN_BATCH 64 -> 48"
    assert finding.measured["headroom_gib"] == pytest.approx(3)


def full_device(**settings: object) -> tuple[str, ...]:
    run = replace(used([39.0], gpu_total_mb=40_960), settings=make_settings(settings))
    return fires("MEM002", run).remedies


@pytest.mark.parametrize(
    ("batch", "smaller"), [(64, "48"), (50, "37"), (6, "4"), (2, "1"), (1, None)]
)
def test_a_smaller_batch_is_a_whole_number_of_samples(batch: int, smaller: str | None) -> None:
    found = [edit for edit in full_device(TRAIN_BATCH=batch) if "TRAIN_BATCH" in edit]
    assert found == ([] if smaller is None else [f"TRAIN_BATCH {batch} -> {smaller}"])


def test_what_the_run_has_already_is_not_proposed() -> None:
    assert full_device() == (
        "three quarters of the batch, with accumulation",
        "checkpoint activations",
        "train in bf16",
    )
    assert "GRADIENT_CHECKPOINTING False -> True" in full_device(GRADIENT_CHECKPOINTING=False)
    for half in ({"PRECISION": "bf16-mixed"}, {"USE_AMP": True}):
        left = full_device(GRADIENT_CHECKPOINTING=True, **half)
        assert left == ("three quarters of the batch, with accumulation",)


def test_a_memory_that_does_not_grow_is_no_cause() -> None:
    grows = "memory grows over the run"
    assert grows in fires("MEM002", used([39.0], gpu_total_mb=40_960)).causes
    assert grows not in fires("MEM002", used([39.0] * 8, gpu_total_mb=40_960)).causes


def test_a_logged_capacity_is_surer_than_a_name() -> None:
    assert fires("MEM002", used([37.0], gpu_total_mb=40_960)).confidence == "high"


def test_near_miss_the_headroom_is_said() -> None:
    assert is_silent("MEM002", used([30.0], **CARD)) == "peak 30 of 40 GiB (75%), 10 GiB to spare"


def test_false_alarm_reserved_memory_is_not_in_use() -> None:
    is_silent("MEM002", used([10.0], gpu_reserved_mb=40_000, **CARD))


@pytest.mark.parametrize(
    "name",
    ["", "NVIDIA A100", "NVIDIA GeForce RTX 4080 SUPER", "NVIDIA GeForce RTX 3090 Ti", "cpu"],
)
def test_a_name_that_does_not_tell_the_size_is_not_applicable(name: str) -> None:
    check = ask("MEM002", used([10.0], env={"device_name": name}))[1]
    assert check.reason == "the log does not tell how much memory the device has"


@pytest.mark.parametrize(
    ("name", "size"),
    [("NVIDIA GeForce RTX 5080 Laptop GPU", 16), ("NVIDIA H100 80GB HBM3", 80), ("Tesla T4", 16)],
)
def test_a_name_that_tells_the_size_is_enough(name: str, size: int) -> None:
    finding = fires("MEM002", used([0.95 * size], env={"device_name": name}))
    assert finding.measured["capacity_gib"] == size


def test_a_reserve_far_above_the_peak_is_noted() -> None:
    finding = fires("MEM003", used([0.18] * 3, gpu_reserved_mb=8974, gpu_peak_mb=187))
    assert (finding.severity, finding.confidence) == ("note", "medium")
    assert float(finding.measured["ratio"]) == pytest.approx(48, abs=0.1)


def test_false_alarm_one_epoch_after_a_reset_of_the_mark_has_low_confidence() -> None:
    finding = fires("MEM003", used([0.18], gpu_reserved_mb=8974, gpu_peak_mb=187))
    assert finding.confidence == "low"


def test_near_misses_a_reserve_that_training_needs_and_a_small_one() -> None:
    is_silent("MEM003", used([0.18, 6.9], gpu_reserved_mb=8974, gpu_peak_mb=187))
    is_silent("MEM003", used([0.1] * 3, gpu_reserved_mb=1500, gpu_peak_mb=100))


def test_without_a_reserve_it_is_not_applicable() -> None:
    assert ask("MEM003", used([0.18] * 3))[1].outcome == "not-applicable"
