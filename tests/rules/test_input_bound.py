"""DATA001 input-bound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from logparse.run import Run
from tests.rules.asking import ask, fires, is_silent
from tests.runs import make_run


def sampled(
    loader: float, *, step_ms: float | None = None, settings: Mapping[str, Any] | None = None
) -> Run:
    """One batch of 64 with 40 ms of computing; `step_ms` is what the throughput tells."""
    columns = {} if step_ms is None else {"throughput": np.full(10, 64_000 / step_ms)}
    run = make_run(val_rmse=np.full(10, 0.1), settings={"TRAIN_BATCH": 64, **(settings or {})})
    run.epochs[list(columns)] = np.array(list(columns.values())).T if columns else 0
    micro = {"dataloader_ms": loader, "full_forward_ms": 10.0, "backward_ms": 30.0}
    return replace(run, micro=micro)


def test_a_third_of_the_step_is_a_warning_of_low_confidence() -> None:
    finding = fires("DATA001", sampled(20.0, step_ms=60.0))
    assert (finding.severity, finding.confidence) == ("warning", "low")
    assert round(float(finding.measured["loader_share"]), 2) == 0.33


def test_a_tenth_of_a_long_step_is_a_note() -> None:
    run = replace(sampled(100.0), micro={"dataloader_ms": 100.0, "full_forward_ms": 900.0})
    finding = fires("DATA001", run)
    assert (finding.severity, finding.measured["share_threshold"]) == ("note", 0.05)


def test_near_miss_loading_that_computing_hides() -> None:
    is_silent("DATA001", sampled(20.0, step_ms=42.0))


def test_near_miss_a_tenth_of_a_short_step() -> None:
    is_silent("DATA001", sampled(4.0, step_ms=44.0))


def test_without_epochs_the_sample_alone_is_judged() -> None:
    assert fires("DATA001", sampled(40.0)).measured["loader_share"] == 0.5


def test_false_alarm_a_first_batch_longer_than_a_whole_step() -> None:
    assert "a start, not the rule" in is_silent("DATA001", sampled(300.0, step_ms=60.0))


def test_false_alarm_with_workers_the_first_batch_is_only_noted() -> None:
    finding = fires("DATA001", sampled(20.0, step_ms=60.0, settings={"TRAIN_WORKERS": 8}))
    assert finding.severity == "note"
    assert finding.causes[0] == "the first batch waits for workers to start"
    assert finding.remedies[0] == "TRAIN_WORKERS 8 -> 16"


def test_no_workers_are_raised_to_some() -> None:
    run = sampled(20.0, step_ms=60.0, settings={"TRAIN_WORKERS": 0})
    assert fires("DATA001", run).remedies[0] == "TRAIN_WORKERS 0 -> 4"


def test_only_what_the_run_lacks_is_proposed() -> None:
    little = {"TRAIN_WORKERS": 2, "PREFETCH_FACTOR": 2, "PIN_MEMORY": False}
    assert fires("DATA001", sampled(20.0, step_ms=60.0, settings=little)).remedies[1:3] == (
        "PREFETCH_FACTOR 2 -> 4",
        "PIN_MEMORY False -> True",
    )
    much = {"TRAIN_WORKERS": 2, "PREFETCH_FACTOR": 16, "PIN_MEMORY": True}
    assert fires("DATA001", sampled(20.0, step_ms=60.0, settings=much)).remedies == (
        "TRAIN_WORKERS 2 -> 4",
        "cache what is decoded in every epoch",
    )


def test_false_alarm_a_few_milliseconds_are_an_interruption() -> None:
    run = replace(make_run(), micro={"dataloader_ms": 5.0, "full_forward_ms": 1.0})
    assert is_silent("DATA001", run) == "one batch loaded in 5 ms"


def test_without_a_timed_batch_it_is_not_applicable() -> None:
    check = ask("DATA001", make_run(val_rmse=[0.1] * 9))[1]
    assert check.outcome == "not-applicable"
    assert check.reason == "the log times no batch: loading, forward and backward"
