"""How far a run is: what the log tells, what was watched, and what nobody knows."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from runs import LR_PRINTED, cosine_lr, make_run, printed, stepped_lr
from states import NOW, learning_run

from fixtures.letters import letters_document
from logparse.following.progress import Progress, newest, progress_of
from logparse.following.renderers.facts import details
from logparse.run import Run
from logparse.session import Session


def test_the_time_left_is_that_of_the_epochs_left_less_what_has_gone() -> None:
    run = learning_run(17)
    whole, later = progress_of(run, NOW), progress_of(run, NOW, since_s=21.0)
    assert (whole.done, whole.planned, whole.epoch_s) == (17, 70, 50.2)
    assert whole.left_s == pytest.approx(53 * 50.2)
    assert later.left_s == pytest.approx(53 * 50.2 - 21)
    assert later.ends_at is not None and whole.ends_at is not None
    assert whole.ends_at - later.ends_at == timedelta(seconds=21)


def test_an_epoch_that_is_late_takes_no_more_than_its_share() -> None:
    assert progress_of(learning_run(17), NOW, since_s=9000.0).left_s == pytest.approx(52 * 50.2)


def test_one_slow_epoch_does_not_change_the_pace_and_a_new_pace_soon_does() -> None:
    times = [50.0] * 10 + [10.0, 10.0, 900.0, 10.0]
    assert progress_of(learning_run(14, elapsed_s=times), NOW).epoch_s == 10.0


@pytest.mark.parametrize("told", [[], [math.nan] * 4, [0.0] * 4, [math.inf] * 4])
def test_arrivals_count_where_the_log_tells_no_times(told: list[float]) -> None:
    run = make_run(val_rmse=[0.4, 0.3, 0.2, 0.1], settings={"MAX_EPOCHS": 10})
    run = run if not told else learning_run(4, planned=10, elapsed_s=told)
    assert progress_of(run, NOW).epoch_s is None and progress_of(run, NOW).left_s is None
    watched = progress_of(run, NOW, arrivals=(9.0, 3.0, 3.1, 2.9, 3.0, 3.2))
    assert watched.epoch_s == 3.0 and watched.left_s == pytest.approx(18.0)


def test_a_run_without_epochs_or_plan_has_no_end() -> None:
    assert progress_of(make_run(), NOW) == Progress()
    unplanned = progress_of(make_run(val_rmse=[0.3, 0.2], elapsed_s=[3, 3]), NOW)
    assert (unplanned.planned, unplanned.left_s, unplanned.ends_at) == (None, None, None)
    assert not unplanned.is_done


def test_a_run_at_or_beyond_its_plan_has_nothing_left() -> None:
    for length in (10, 12):
        done = progress_of(learning_run(length, planned=10), NOW, since_s=3.0)
        assert done.is_done and done.left_s == 0 and done.ends_at == NOW


def test_epochs_are_counted_from_nought_or_after_a_resumption() -> None:
    settings = {"MAX_EPOCHS": 40}
    from_nought = make_run(epochs=[0, 1, 2], val_rmse=[3, 2, 1], settings=settings)
    resumed = make_run(epochs=[31, 32], val_rmse=[3, 2], settings=settings)
    assert progress_of(from_nought, NOW).done == 3
    assert progress_of(resumed, NOW).done == 32


def test_an_end_beyond_all_dates_is_no_date() -> None:
    far = progress_of(learning_run(3, planned=999_999_999), NOW)
    assert far.left_s is not None and far.left_s > 1e10 and far.ends_at is None
    never = progress_of(learning_run(3, elapsed_s=[1e300] * 3, planned=999_999_999), NOW)
    assert never.left_s is None and never.ends_at is None


def test_the_best_value_is_as_old_as_the_epochs_since() -> None:
    run = learning_run(4, val_rmse=[0.4, 0.2, 0.3, math.nan])
    progress = progress_of(run, NOW)
    assert (progress.main_metric, progress.main_value, progress.main_best) == ("val_rmse", 0.3, 0.2)
    assert (progress.best_epoch, progress.since_best, progress.patience) == (2, 2, 7)


def test_a_value_that_was_printed_as_nan_is_nan_and_one_not_printed_is_the_last() -> None:
    column = [0.4, 0.3, math.nan]
    silent = make_run(grad_norm=column)
    broken = make_run(grad_norm=column, nonfinite={"grad_norm": (3,)})
    healed = make_run(grad_norm=[math.nan, 0.4, 0.3], nonfinite={"grad_norm": (1,)})
    assert newest(silent, "grad_norm") == 0.3 and newest(healed, "grad_norm") == 0.3
    value = newest(broken, "grad_norm")
    assert value is not None and math.isnan(value)
    nothing = make_run(grad_norm=[math.nan], nonfinite={"grad_norm": (1,)})
    assert math.isnan(newest(nothing, "grad_norm") or 0)
    assert newest(broken, "throughput") is None


def _placed(lr: object, settings: dict[str, object], **more: object) -> str:
    run = make_run(lr=lr, settings=settings, resolution=LR_PRINTED, **more)  # type: ignore[arg-type]
    return progress_of(run, NOW).lr_place


def test_the_place_in_the_schedule_is_the_logs_own_or_the_declared_ones() -> None:
    falls, plan = cosine_lr(20, total=40), {"MAX_EPOCHS": 40}
    cosine = {**plan, "SCHEDULE": "cosine", "LEARNING_RATE": 1e-3}
    assert _placed(falls, plan, sched_pct=np.arange(20) * 1.26) == "24% of the schedule, annealing"
    assert _placed(falls, cosine) == "50% of the schedule, annealing"
    assert _placed(falls, plan) == "annealing"
    constant = {**plan, "SCHEDULE": "constant", "LEARNING_RATE": 1e-3}
    assert _placed([1e-3] * 9, constant) == "constant"
    assert _placed([1e-3], constant) == ""


def test_the_present_phase_of_the_learning_rate_is_named() -> None:
    assert _placed([1e-4, 2e-4, 3e-4], {}) == "warming up"
    assert _placed(stepped_lr(31, [31]), {}) == "just cut"
    assert _placed(stepped_lr(40, [31]), {}) == "constant"
    assert _placed(printed(cosine_lr(10_000, total=20_000)), {}) == "annealing"


def _in_epoch(run: Run, **micro: object) -> Progress:
    return progress_of(replace(run, micro=micro), NOW)


def test_the_batch_of_an_epoch_that_goes_on_is_told() -> None:
    run = learning_run(17)
    going_on = _in_epoch(run, epoch=18, batch=118, batches=450)
    assert (going_on.batch, going_on.batches) == (118, 450)
    assert going_on.left_s == pytest.approx((53 - 118 / 450) * 50.2)
    assert _in_epoch(run, epoch=17, batch=450, batches=450).batch is None
    assert _in_epoch(run, batch="many").batch is None
    assert _in_epoch(run, epoch=18, batch=9, batches=0).batches is None


def test_the_metrics_json_tells_less_and_that_is_enough() -> None:
    session = Session("letters.json")
    session.feed(letters_document(9, planned=16, is_finished=False).encode())
    progress = progress_of(session.so_far()[-1](), NOW)
    assert (progress.done, progress.planned, progress.main_metric) == (9, 16, "val_accuracy")
    assert progress.epoch_s is not None and 0.1 < progress.epoch_s < 0.4
    assert progress.lr is None and progress.throughput is None and progress.memory_gib is None


def test_ten_thousand_epochs_cost_no_more_than_a_few_milliseconds() -> None:
    run = learning_run(10_000, planned=20_000)
    progress_of(run, NOW)
    started = time.process_time()
    for _ in range(5):
        progress_of(run, NOW)
    assert (time.process_time() - started) / 5 < 0.02


def test_what_a_production_log_tells_of_memory_and_speed_is_told() -> None:
    run = make_run(val_loss=[2.0, 1.0], batches_per_s=[0.6, 0.62], rss_gib=[31.5, 31.9])
    progress = progress_of(run, NOW)
    assert (progress.batches_per_s, progress.rss_gib) == (0.62, 31.9)
    assert list(details(progress))[:2] == ["0.620 batches/s", "main memory 31.9 GiB"]
