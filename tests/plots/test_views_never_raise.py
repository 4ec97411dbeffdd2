"""Every view answers for every log: nothing raises or warns, and what it answers can be drawn."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import logparse
from logparse.findings import RunReport
from logparse.plots.content import Blank
from logparse.plots.subject import Subject, Wanted
from logparse.run import Run
from tests.plots.subjects import OF_LOGS, judged, panels, subject
from tests.rules.whole_runs import CASES, without
from tests.runs import make_parameters, make_run

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
CORPUS = sorted((FIXTURES / "scenarios").glob("*/*-0.log.xz"))
ONE_EACH = list({path.parent.name: path for path in reversed(CORPUS)}.values())
WANTED = [
    Wanted(),
    Wanted(scale="log", last=1),
    Wanted(scale="linear", last=7, metrics=("val_rmse", "no_such", "grad_norm")),
]
ODD_NAMES = (
    "",
    "$x_1^2$",
    "a_b",
    "<script>alert(1)</script>",
    "層.0.重み",
    "9" * 5000,
    "a\x1b[0m\n",
)


def assert_all_answer(judgement: RunReport) -> list[str]:
    """Titles of the panels that can be drawn as nothing else is asked for."""
    drawn = []
    for wanted in WANTED:
        for name in OF_LOGS:
            for panel in panels(name, Subject(judgement, wanted)):
                if wanted == WANTED[0] and not isinstance(panel, Blank):
                    drawn.append(panel.title)
    return drawn


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.log")), ids=lambda path: path.stem)
def test_views_of_a_fixture(path: Path) -> None:
    assert all(assert_all_answer(one) for one in logparse.analyze(path).runs if len(one.run.epochs))


@pytest.mark.parametrize("path", ONE_EACH, ids=lambda path: path.parent.name)
def test_views_of_a_scenario(path: Path) -> None:
    assert all(assert_all_answer(one) for one in logparse.analyze(path).runs)


@pytest.mark.parametrize("name", CASES)
def test_views_of_a_run_that_lacks_or_distorts_something(name: str) -> None:
    assert_all_answer(RunReport(CASES[name](), (), ()))


def crowd(names: tuple[str, ...], length: int, scale: float = 1.0) -> Run:
    """A run with these names as modules, layers, optimizer groups, parameters and features."""
    rng = np.random.default_rng(0)
    curves = scale * rng.lognormal(size=(len(names) + 2, length))
    kinds = ("grad_norm", "layer_grad_norm", "update_ratio", "opt_lr")
    columns = {f"{kind}/{name}": curves[at] for kind in kinds for at, name in enumerate(names)}
    run = make_run(
        val_rmse=curves[-1],
        grad_norm=curves[-2],
        throughput=curves[-2],
        elapsed_s=curves[-1],
        gpu_gib=curves[-1],
        more=columns,
        parameters=make_parameters({name: curves[at] for at, name in enumerate(names)}),
    )
    lists = run.parameters
    scores = lists.rename(columns={"grad_norm": "score"}).drop(columns="update_ratio")
    return replace(run, features=scores)


def test_views_of_names_that_no_one_expects() -> None:
    run = crowd(ODD_NAMES, length=4)
    heatmap = panels("layers", subject(run))[0]
    assert set(heatmap.rows) == set(ODD_NAMES)
    assert_all_answer(RunReport(run, (), ()))


def test_views_of_400_parameters() -> None:
    run = crowd(tuple(f"layers.{k}.weight" for k in range(400)), length=6)
    run = without(run, "opt_lr/")  # so many groups no optimizer has
    assert len(panels("layers", subject(run))[0].rows) == 400
    assert_all_answer(RunReport(run, (), ()))


def test_views_of_5000_epochs() -> None:
    run = crowd(("0.weight", "1.weight", "2.weight"), length=5000)
    assert_all_answer(RunReport(run, (), ()))


@pytest.mark.parametrize("length", [0, 1, 2])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 0.0, -1.0, 1e308, 5e-324])
def test_views_of_a_run_of_one_value(value: float, length: int) -> None:
    run = crowd(("0.weight", "1.weight", "2.weight"), length=length)
    run = replace(
        run,
        epochs=with_value(run.epochs, value, "epoch", "line"),
        parameters=with_value(run.parameters, value, "epoch", "position", "name", "line"),
        features=with_value(run.features, value, "epoch", "position", "name", "line"),
    )
    assert_all_answer(RunReport(run, (), ()))


def with_value(frame: pd.DataFrame, value: float, *kept: str) -> pd.DataFrame:
    """The frame with the value in all columns but those kept."""
    return frame.assign(**{name: value for name in frame if name not in kept})


def test_a_run_without_epochs_gets_a_reason_from_every_view() -> None:
    drawn = judged(make_run())
    assert all(isinstance(one, Blank) for name in OF_LOGS for one in panels(name, drawn))


numbers = st.lists(st.floats(), min_size=1, max_size=12)


@settings(max_examples=60, deadline=None)
@given(st.lists(numbers, min_size=2, max_size=5), st.sampled_from(WANTED))
def test_views_of_any_numbers(rows: list[list[float]], wanted: Wanted) -> None:
    length = max(map(len, rows))
    curves = [np.array([*row, *[np.nan] * (length - len(row))]) for row in rows]
    names = [f"{at}.weight" for at in range(len(rows))]
    lists = make_parameters(dict(zip(names, curves, strict=True)))
    columns = {f"grad_norm/{name}": row for name, row in zip(names, curves, strict=True)}
    run = make_run(
        val_rmse=curves[0],
        grad_norm=curves[1],
        lr=curves[0],
        throughput=curves[0],
        elapsed_s=curves[1],
        gpu_gib=curves[0],
        update_ratio_median=curves[0],
        more=columns,
        parameters=lists,
        settings={"CLIPNORM": 3, "OPTIMIZER": "SGD"},
        nonfinite={"grad_norm": tuple(np.flatnonzero(~np.isfinite(curves[1])) + 1)},
    )
    for name in OF_LOGS:
        panels(name, Subject(RunReport(run, (), ()), wanted))
