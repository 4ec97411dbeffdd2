"""Run logs as the trainer knows them: generated records, and what the reader must make of them."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import strategies as st

from logparse.records import ByteSize
from logparse.run import Run
from trainer.records import (
    Baselines,
    EpochRecord,
    Regression,
    RunHeader,
    SeriesMetrics,
    TensorNorms,
)

NUMBERS = st.floats(-1e30, 1e30) | st.sampled_from([math.nan, math.inf, -math.inf, -0.0])
SIZES = st.floats(0, 1e30) | st.floats(0, 2) | st.sampled_from([0.0, 1e-9, math.nan, math.inf])
SEGMENT = st.from_regex(r"[a-z_][a-z0-9_]{0,6}|[0-9]{1,2}|weight|bias", fullmatch=True)
NAME = st.lists(SEGMENT.filter(lambda s: s not in ("nan", "inf")), min_size=1, max_size=5)
NAMES = st.lists(NAME.map(".".join), max_size=9, unique=True)
TEXT = st.text("abXY019 _.,=[]'|:()", max_size=12)
REGRESSIONS = st.builds(Regression, NUMBERS, NUMBERS, NUMBERS)
FEATURES = st.tuples(st.text("abz019_.:", min_size=1, max_size=8), NUMBERS)
SERIES = st.builds(
    SeriesMetrics,
    train=REGRESSIONS,
    val=REGRESSIONS,
    base_loss=SIZES,
    delta_loss=SIZES,
    base_rmse=NUMBERS,
    val_base_rmse=NUMBERS,
    slope_rmse=NUMBERS,
    delta_rmse=NUMBERS,
    improved_share=NUMBERS,
    features=st.lists(FEATURES, max_size=4).map(tuple),
)
COUNTS = st.integers(0, 10**12)
MICRO = st.fixed_dictionaries(
    {},
    optional={
        "B": st.integers(0, 9999),
        "activation_mb": st.none() | st.integers(0, 99),
        "backward_ms": NUMBERS,
        "cpu_copy_bytes": COUNTS,
        "env": st.fixed_dictionaries({"cuda": st.none(), "device_name": st.text("aB '\"+0.")}),
        "grads": st.just({"backbone": True, "head": False}),
        "group_nonzero_counts": st.lists(st.integers(0, 99), max_size=3),
        "out_dtype": st.just("torch.float16"),
        "out_shape": st.lists(st.integers(0, 99), max_size=3).map(tuple),
        "param_bytes": COUNTS | st.none(),
        "total_params": COUNTS,
        "windows_bytes": COUNTS,
    },
)
VALUES = st.booleans() | st.integers() | NUMBERS | st.none() | TEXT | st.lists(st.integers(0, 99))


@st.composite
def headers(draw: st.DrawFn) -> RunHeader:
    groups = draw(st.integers(0, 5))
    total = draw(st.integers(0, 10**9))
    return RunHeader(
        started=draw(st.datetimes(datetime(1900, 1, 1), timezones=st.just(UTC))),
        settings=draw(st.dictionaries(st.from_regex(r"[A-Z][A-Z0-9_]*", fullmatch=True), VALUES)),
        baselines=draw(st.none() | st.builds(Baselines, NUMBERS, NUMBERS, NUMBERS, NUMBERS)),
        group_lrs=tuple(draw(st.lists(SIZES, min_size=groups, max_size=groups))),
        group_counts=tuple(draw(st.lists(st.integers(0, 99), min_size=groups, max_size=groups))),
        total_params=total,
        trainable_params=draw(st.integers(0, total)),
        param_bytes=draw(COUNTS),
        batch_shape=draw(st.tuples(*[st.integers(0, 9999)] * 4)),
        micro=draw(MICRO),
    )


@st.composite
def epochs(draw: st.DrawFn, groups: int) -> list[EpochRecord]:
    """One to three epochs of a model, from any number on."""
    first, names = draw(st.integers(0, 2000)), draw(NAMES)
    one = st.builds(
        EpochRecord,
        epoch=st.just(0),
        lr=SIZES,
        group_lrs=st.lists(SIZES, min_size=groups, max_size=groups).map(tuple),
        sched_pct=st.none() | NUMBERS,
        train_loss=NUMBERS,
        val_loss=NUMBERS,
        step_grad_norms=st.just(()),
        max_weight_change=NUMBERS,
        elapsed_s=SIZES,
        throughput=SIZES,
        total_s=SIZES,
        gpu_gib=SIZES,
        checkpointed=st.booleans(),
        parameters=st.tuples(*(st.builds(TensorNorms, st.just(n), SIZES, SIZES) for n in names)),
        series=SERIES,
        saved_path=st.none() | st.text("ab /_.=:|", min_size=1),
    )
    found = draw(st.lists(one, min_size=1, max_size=3))
    return [replace(record, epoch=first + at) for at, record in enumerate(found)]


LOGS = headers().flatmap(
    lambda known: st.tuples(st.just(known), epochs(groups=len(known.group_lrs)))
)
Log = tuple[RunHeader, list[EpochRecord]]


def same(found: object, value: float, spec: str) -> bool:
    """Whether a number read back is the value as the format spec prints it."""
    return str(float(found)) == str(float(format(value, spec)))  # type: ignore[arg-type]


def rank(norm: float) -> float:
    return math.inf if math.isnan(norm) else norm


def at_shares(values: list[float], *shares: str) -> list[float]:
    ascending, last = sorted(values, key=rank), len(values) - 1
    places = {"med": len(values) // 2, "p90": math.floor(0.9 * last), "max": last}
    return [ascending[places[share]] if values else 0.0 for share in shares]


def ratio(tensor: TensorNorms, lr: float) -> float:
    return lr * tensor.grad_norm / max(tensor.weight_norm, 1e-8)


def tail(name: str) -> str:
    return ".".join(name.rsplit(".", 3)[-3:])


def total(norms: list[float]) -> float:
    if math.inf in norms:
        return math.inf
    return math.sqrt(math.fsum(norm * norm for norm in norms))


def expected(record: EpochRecord, dialect: str) -> dict[str, tuple[float, str]]:
    """Columns of an epoch's row: the value and how it is printed."""
    series, tensors = record.series, record.parameters
    assert series is not None
    gd = at_shares([t.grad_norm for t in tensors], "med", "p90", "max")
    ur = at_shares([ratio(t, record.lr) for t in tensors], "med", "max")
    share = (
        series.delta_loss / series.base_loss if series.base_loss else series.delta_loss * math.inf
    )
    rows: dict[str, tuple[float, str]] = {
        "lr": (record.lr, ".1e"),
        "opt_groups": (len(record.group_lrs), "d"),
        **{f"opt_lr/{i}": (lr, ".1e") for i, lr in enumerate(record.group_lrs[:3])},
        "grad_norm_median": (gd[0], ".1e"),
        "grad_norm_p90": (gd[1], ".1e"),
        "grad_norm_max": (gd[2], ".1e"),
        "update_ratio_median": (ur[0], ".1e"),
        "update_ratio_max": (ur[1], ".1e"),
        "train_base_rmse": (series.base_rmse, ".4f"),
        "train_delta_rmse": (series.delta_rmse, ".4f"),
        "val_base_rmse": (series.val_base_rmse, ".4f"),
        "train_loss": (series.base_loss, ".4e"),
        "aux_loss": (series.delta_loss, ".4e"),
        "aux_ratio": (share if series.delta_loss != 0 else 0.0, ".3e"),
        "base_rmse": (series.base_rmse, ".5f"),
        "delta_rmse": (series.delta_rmse, ".5f"),
        "slope_rmse": (series.slope_rmse, ".3f"),
        "slip": (0.0, ".2f"),
        "hub_max": (0.0, ".3f"),
        "beats_base_share": (series.improved_share, ".4f"),
        "elapsed_s": (record.elapsed_s, ".1f"),
        "throughput": (record.throughput, ".1f"),
        "gpu_gib": (record.gpu_gib, ".2f"),
        "checkpoint_flag": (record.checkpointed, "d"),
    }
    for split, found in (("train", series.train), ("val", series.val)):
        for name in ("rmse", "mae", "r2"):
            rows[f"{split}_{name}"] = (getattr(found, name), ".4f")
    if dialect == "F2":
        rows["lr_main"] = (record.lr, ".1e")
    if record.sched_pct is not None:
        rows["sched_pct"] = (record.sched_pct, ".1f")
    return rows


def check_epochs(run: Run, log: Log, dialect: str) -> None:
    known, records = log
    assert list(run.epochs["epoch"]) == [record.epoch for record in records]
    for record, row in zip(records, run.epochs.to_dict("records"), strict=True):
        for column, (value, spec) in expected(record, dialect).items():
            assert same(row[column], value, spec), column
        for at, count in enumerate(known.group_counts):
            assert row[f"opt_params/{at}"] == count
        modules: dict[str, list[float]] = {}
        for tensor in record.parameters:
            modules.setdefault(tensor.name.split(".")[0], []).append(tensor.grad_norm)
        norms = {f"grad_norm/{name}": total(found) for name, found in modules.items()}
        norms["grad_norm"] = total([t.grad_norm for t in record.parameters])
        for column, norm in norms.items():
            assert row[column] == pytest.approx(norm, rel=1e-12, abs=6e-4, nan_ok=True), column
        if dialect == "F2":
            check_layers(row, record, records[0])


def check_layers(row: dict[Any, Any], record: EpochRecord, first: EpochRecord) -> None:
    """The first and the last tensor whose last segment speaks of a weight."""
    before = {t.name: t.grad_norm for t in first.parameters}
    weights = [t for t in record.parameters if "weight" in t.name.split(".")[-1]]
    layers = {tail(t.name): t for t in (weights[:1] + weights[-1:])}
    for name, tensor in layers.items():
        assert same(row[f"layer_grad_norm/{name}"], tensor.grad_norm, ".3e")
        growth = tensor.grad_norm / max(before[tensor.name], 1e-12)
        assert same(row[f"layer_grad_ratio/{name}"], growth, ".2f")
    assert sum(str(column).startswith("layer_grad_norm/") for column in row) == len(layers)


def check_lists(run: Run, records: list[EpochRecord], dialect: str) -> None:
    for record in records:
        best: dict[str, TensorNorms] = {}
        for tensor in record.parameters:
            name = tail(tensor.name)
            if name not in best or rank(tensor.grad_norm) > rank(best[name].grad_norm):
                best[name] = tensor
        found = run.parameters[run.parameters["epoch"] == record.epoch]
        ranks = [rank(norm) for norm in found["grad_norm"]]
        assert ranks == sorted(ranks, reverse=True)
        assert sorted(found["name"]) == sorted(best)
        for row in found.to_dict("records"):
            tensor = best[row["name"]]
            assert same(row["grad_norm"], tensor.grad_norm, ".1e")
            assert same(row["update_ratio"], ratio(tensor, record.lr), ".1e")
        assert record.series is not None
        features = run.features[run.features["epoch"] == record.epoch]
        known = record.series.features if dialect == "G" else ()
        scores = [(name, str(float(f"{weight:.2e}"))) for name, weight in known]
        assert sorted(zip(features["name"], map(str, features["score"]), strict=True)) == sorted(
            scores
        )
    saved = [r for r in records if r.saved_path is not None and dialect == "G"]
    assert [c.path for c in run.checkpoints] == [r.saved_path for r in saved]
    for checkpoint, record in zip(run.checkpoints, saved, strict=True):
        assert record.series is not None
        assert same(checkpoint.val, record.series.val.rmse, ".3f")


def check_header(run: Run, known: RunHeader) -> None:
    assert run.started == known.started
    assert dict(run.settings.raw) == {key: str(value) for key, value in known.settings.items()}
    assert (len(run.baselines) == 4) is (known.baselines is not None)
    for name, value in run.baselines.items():
        assert same(value, getattr(known.baselines, name.removesuffix("_rmse")), ".5f"), name
    assert run.optimizer["groups"] == len(known.group_lrs)
    assert run.optimizer["counts"] == known.group_counts
    found_lrs = run.optimizer["lrs"]
    assert isinstance(found_lrs, tuple)
    assert all(same(a, b, ".1e") for a, b in zip(found_lrs, known.group_lrs, strict=True))
    model = dict(run.model)
    check_size(model.pop("param_bytes"), known.param_bytes)
    assert model == {
        "total_params": known.total_params,
        "trainable_params": known.trainable_params,
        "frozen_params": known.total_params - known.trainable_params,
    }
    assert tuple(run.batch.values()) == known.batch_shape
    assert list(run.micro) == sorted(known.micro)
    for key, measured in known.micro.items():
        if isinstance(measured, int) and "bytes" in key:
            check_size(run.micro[key], measured)
        elif isinstance(measured, float):
            assert same(run.micro[key], measured, ".2f"), key
        else:
            assert run.micro[key] == measured, key


def check_size(found: object, count: int) -> None:
    assert isinstance(found, ByteSize)
    assert abs(found.count - count) <= found.spread + 1e-6
