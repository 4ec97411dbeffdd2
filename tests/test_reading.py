"""Every dialect, read back against the simulated run that was written."""

import math
import pickle
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest

from fixtures.dialects import DIALECTS, SimulatedRun, parameter_labels, simulate, write
from logparse import frames
from logparse.api import read
from logparse.readers.run_builder import RunBuilder
from logparse.records import ByteSize
from logparse.run import Run
from tests.reading import assert_same_run, runs_of

PLAIN = ("lr", "train_rmse", "train_mae", "train_r2", "val_rmse", "val_mae", "val_r2")


def one_run(simulated: SimulatedRun) -> Run:
    (run,) = runs_of(write(simulated))
    return run


@pytest.fixture(params=[(d, s) for d in DIALECTS for s in (0, 1)], ids=lambda p: f"{p[0]}-{p[1]}")
def simulated(request: pytest.FixtureRequest) -> SimulatedRun:
    dialect, seed = request.param
    return simulate(dialect, epochs=12, seed=seed)


def test_every_line_is_understood(simulated: SimulatedRun) -> None:
    run = one_run(simulated)
    assert run.coverage.unparsed == 0, run.unparsed
    assert run.coverage.lines == write(simulated).count("\n")
    assert run.dialect == simulated.dialect


def test_metrics_have_the_same_names_in_every_dialect(simulated: SimulatedRun) -> None:
    run = one_run(simulated)
    for row, epoch in zip(run.epochs.itertuples(), simulated.epochs, strict=True):
        for name in PLAIN:
            printed, true = getattr(row, name), getattr(epoch, name)
            step = run.resolution[name].step(true)
            assert math.isclose(printed, true, abs_tol=step * 0.501, rel_tol=0), name


def test_the_parameter_list_is_kept_exactly_as_printed(simulated: SimulatedRun) -> None:
    run = one_run(simulated)
    for index, epoch in enumerate(simulated.epochs):
        rows = run.parameters[run.parameters["epoch"] == epoch.number]
        assert list(rows["position"]) == list(range(len(rows)))
        found = list(zip(rows["name"], rows["grad_norm"], rows["update_ratio"], strict=True))
        assert found == parameter_labels(simulated, index)


def test_header_facts_are_typed(simulated: SimulatedRun) -> None:
    run = one_run(simulated)
    assert run.started is not None and run.started.isoformat() == "2025-11-03T11:48:00.611142+00:00"
    assert dict(run.settings) == dict(simulated.settings)
    assert tuple(run.baselines.values()) == simulated.baselines
    assert run.planned_epochs == 12


def test_a_checkpoint_is_credited_to_the_epoch_it_was_made_after(simulated: SimulatedRun) -> None:
    run = one_run(simulated)
    if simulated.dialect in ("A", "D"):
        assert "checkpoint" not in run.epochs
        return
    saved = run.epochs["checkpoint"].to_numpy()[:-1]
    assert list(saved) == [float(epoch.checkpoint) for epoch in simulated.epochs[:-1]]


def test_positional_metrics_follow_the_legend_then_the_gradient_norms_then_the_decimals() -> None:
    line = "E01 | {gn}TR[0.100,0.50,0.070] | VL[0.200,0.40,0.080] | SR=0.011 | SL=0.00,HR=0.000"
    positional = line.format(gn="GN[0.000,0.000,0.000,0.149] | ")
    named = line.format(gn="GN[head=0.1,TOT=0.149] | ")
    legend = "PER-EPOCH LOG FORMAT (explanatory):\n  TR[rmse,mae,r2]  : words\n\n"
    orders = {
        "gradient norms, positional": (positional, 0.5),
        "gradient norms, named": (named.replace("0.100,0.50,0.070", "0.100,0.070,0.50"), 0.5),
        "decimals": (line.format(gn=""), 0.5),
        "legend wins": (legend + positional, 0.07),
    }
    for case, (text, r2) in orders.items():
        assert runs_of(text)[0].epochs["train_r2"].iloc[0] == r2, case


def test_a_count_of_silent_tensors_is_no_gradient() -> None:
    run = one_run(simulate("E", epochs=3))
    assert "zero" not in set(run.parameters["name"])
    assert (run.epochs["zero_grad_params"] >= 1).all()


def test_delta_rmse_nan_is_printed_but_no_value() -> None:
    run = one_run(simulate("F2", epochs=3))
    assert list(run.nonfinite["train_delta_rmse"]) == [1, 2, 3]
    assert set(run.nonfinite) == {"train_delta_rmse", "delta_rmse"}


def test_what_is_absent_is_not_printed_as_nan() -> None:
    """The monitored layer changes its label after E01: neither label is ever nan."""
    run = one_run(simulate("F2", epochs=40))
    layers = [name for name in run.epochs if name.startswith("layer_grad_norm/")]
    assert len(layers) == 2 and run.epochs[layers].isna().any().all()
    assert not set(layers) & set(run.nonfinite)


def test_features_split_at_the_last_colon() -> None:
    run = one_run(simulate("G", epochs=2, features=12))
    assert any(":" in name for name in run.features["name"])
    first = run.features[run.features["epoch"] == 1]
    assert list(first["score"]) == sorted(first["score"], reverse=True)


def test_sizes_keep_what_their_rounding_hides() -> None:
    assert one_run(simulate("F2", epochs=1)).model["param_bytes"] is not None
    size = one_run(simulate("C", epochs=1)).micro["param_bytes"]
    assert isinstance(size, ByteSize) and not size.rounded and size.spread == 1023


@pytest.mark.parametrize("stamp", ["2025-11-03T11:48:00Z", "2025-11-03T11:48:00.611142Z"])
def test_the_fraction_of_the_stamp_is_optional(stamp: str) -> None:
    run = one_run(simulate("F2", epochs=1, started=stamp))
    assert run.started is not None and run.started.utcoffset() is not None


def test_tidy_has_one_row_per_number(simulated: SimulatedRun) -> None:
    run = one_run(simulated)
    tidy = run.tidy()
    assert list(tidy.columns) == ["run", "epoch", "step", "split", "metric", "value", "line"]
    assert len(tidy) == int(run.epochs.drop(columns=["epoch", "line"]).notna().to_numpy().sum())
    assert set(tidy.loc[tidy["metric"] == "val_rmse", "split"]) == {"val"}


def test_settings_keep_their_raw_text() -> None:
    text = (
        "HYPERPARAMS:\n  RATE = 1e-05\n  NOTE = a = b | [x]\n  LAYERS = [1, {'k': 2}]\n"
        "  NAME = last\n  NONE = None\n  EMPTY = \n  ON = True\n  PATH = /a b/c\n"
    )
    settings = runs_of(text)[0].settings
    assert settings["RATE"] == 1e-05 and settings.raw["RATE"] == "1e-05"
    assert settings["NOTE"] == "a = b | [x]" and settings["LAYERS"] == [1, {"k": 2}]
    assert settings["NAME"] == "last" and settings["NONE"] is None and settings["ON"] is True
    assert settings["EMPTY"] == "" and settings["PATH"] == "/a b/c"
    assert settings.lines["RATE"] == 2 and settings.number("ON") is None


def test_columns_come_in_the_order_of_the_metrics_table() -> None:
    columns = list(one_run(simulate("F2", epochs=2)).epochs.columns)
    assert columns[:2] == ["epoch", "lr"] and columns[-1] == "line"
    assert columns.index("train_rmse") < columns.index("val_rmse") < columns.index("grad_norm")


def test_frames_have_the_documented_types() -> None:
    run = one_run(simulate("G", epochs=2))
    assert run.epochs["epoch"].dtype == np.int64 and run.epochs["line"].dtype == np.int64
    rest = run.epochs.drop(columns=["epoch", "line"])
    assert set(map(str, rest.dtypes)) == {"float64"}
    assert list(run.parameters.columns) == [
        "epoch", "position", "name", "grad_norm", "update_ratio", "line",
    ]  # fmt: skip


@pytest.mark.parametrize("copied", [deepcopy, lambda run: pickle.loads(pickle.dumps(run))])
def test_a_run_can_be_copied_and_sent_to_another_process(copied: Callable[[Run], Run]) -> None:
    run = one_run(simulate("F2", epochs=3))
    twin = copied(run)
    assert_same_run(run, twin)
    assert twin.settings.raw == run.settings.raw and twin.settings.lines == run.settings.lines
    assert dict(twin.resolution) == dict(run.resolution) and repr(twin) == repr(run)
    with pytest.raises(TypeError):
        twin.model["total_params"] = 0  # type: ignore[index]


def test_of_many_runs_only_the_one_asked_for_is_built(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    log = tmp_path / "run.log"
    log.write_text(write(simulate("F2", epochs=2)) * 5)
    built = []
    build = RunBuilder.build

    def counted(builder: RunBuilder, source: str, index: int, count: int) -> Run:
        built.append(index)
        return build(builder, source, index, count)

    monkeypatch.setattr(RunBuilder, "build", counted)
    assert read(log, 2).index == 2 and read(log).index == 5
    assert built == [2, 5]


@pytest.mark.parametrize("dialect", ["D", "F2", "G"])
def test_short_lists_are_read_as_long_ones_are(
    dialect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = write(simulate(dialect, epochs=4)) + "\n" + write(simulate("G", epochs=2, seed=1))
    short = runs_of(text)
    monkeypatch.setattr(frames, "_FEW_ENTRIES", 0)
    for one, other in zip(short, runs_of(text), strict=True):
        assert_same_run(one, other)
        assert list(one.parameters["name"].cat.categories) == list(
            other.parameters["name"].cat.categories
        )
