"""The table of parameters by epochs: its order, its values, and what is cut."""

from __future__ import annotations

import numpy as np
import pytest

from logparse.plots.content import Blank
from logparse.plots.depth_order import by_depth
from logparse.plots.grids import MOST_COLUMNS, MOST_ROWS
from logparse.records import Resolution
from logparse.signals import Signals
from tests.plots.subjects import finding, panel, panels, subject
from tests.runs import make_parameters, make_run

LADDER = {"2.weight": [3.0, 4.0], "10.weight": [5.0, 6.0], "0.weight": [1.0, 2.0]}


def in_order(*names: str, keep_order: bool = False) -> list[str]:
    return [names[at] for at in by_depth(names, keep_order=keep_order)]


def test_values_are_those_of_the_lists() -> None:
    run = make_run(val_rmse=[1, 1], parameters=make_parameters(LADDER, ratio=1e-4))
    norms, ratios = panels("layers", subject(run))
    assert norms.rows == ("0.weight", "2.weight", "10.weight")
    assert norms.x.tolist() == [1, 2]
    assert norms.values.tolist() == [[1, 2], [3, 4], [5, 6]]
    assert ratios.rows == norms.rows and np.all(ratios.values == 1e-4)
    assert norms.is_log and ratios.is_log
    assert norms.row_axis == "parameter"


def test_layers_of_a_stack_go_by_their_number() -> None:
    names = ("layers.10.a", "layers.2.b", "layers.2.a", "layers.0.a")
    assert in_order(*names) == ["layers.0.a", "layers.2.a", "layers.2.b", "layers.10.a"]


def test_input_stands_first_and_output_last() -> None:
    names = ("head.weight", "1.linear.weight", "0.linear.weight", "embed.weight", "norm.bias")
    assert in_order(*names) == [
        *("embed.weight", "0.linear.weight", "1.linear.weight", "norm.bias", "head.weight")
    ]


def test_the_normalisation_of_the_projection_stands_beside_it() -> None:
    names = ("0.norm1.bias", "head_flat.0.bias", "ln_proj.bias", "feature_proj.bias")
    assert in_order(*names) == [names[3], names[2], names[0], names[1]]


def test_an_output_inside_a_layer_stays_there() -> None:
    names = ("0.out_proj.weight", "1.head.weight", "2.output.weight", "z.weight")
    assert in_order(*names) == list(names)


def test_a_list_in_the_order_of_the_model_is_kept() -> None:
    names = ("z.weight", "head.weight", "b.1.weight", "b.0.weight", "a.weight")
    expected = ["z.weight", "head.weight", "b.0.weight", "b.1.weight", "a.weight"]
    assert in_order(*names, keep_order=True) == expected


@pytest.mark.parametrize("is_sorted", [True, False])
def test_the_order_is_that_of_the_depth_profile(is_sorted: bool) -> None:
    norms = {f"{k}.{part}.weight": [k + 1.0] * 4 for k in (3, 0, 2, 1) for part in "ba"}
    norms |= {"head.weight": [9.0] * 4, "1.a.bias": [0.1] * 4}
    run = make_run(
        val_rmse=[1] * 4,
        parameters=make_parameters(norms, is_sorted=is_sorted),
        resolution={"parameters/grad_norm": Resolution(decimals=1, scientific=True)},
    )
    profile = Signals(run).gradients.depth_profile
    assert profile is not None
    rows = panel("layers", subject(run)).rows
    assert {*rows} == {*norms}
    layer = [int(name[0]) for name in rows if name in profile.names]
    assert layer == [int(name[0]) for name in profile.names] == sorted(layer)


def test_more_epochs_than_fit_are_every_kth_and_the_newest_is_there() -> None:
    length = 2 * MOST_COLUMNS + 1
    norms = {"0.weight": np.arange(length) + 1.0, "1.weight": np.ones(length)}
    run = make_run(val_rmse=np.ones(length), parameters=make_parameters(norms))
    drawn = panel("layers", subject(run))
    assert len(drawn.x) <= MOST_COLUMNS
    assert set(np.diff(drawn.x)) == {3} and drawn.x[-1] == length
    assert drawn.values[0].tolist() == drawn.x.tolist()
    assert "one epoch in 3" in drawn.notes


def test_more_parameters_than_fit_are_the_largest_in_their_order() -> None:
    count = MOST_ROWS + 5
    norms = {f"{k}.weight": [float(k % count + 1)] * 2 for k in range(count)}
    run = make_run(val_rmse=[1, 1], parameters=make_parameters(norms))
    drawn = panel("layers", subject(run))
    assert drawn.rows == tuple(f"{k}.weight" for k in range(5, count))
    assert f"the {MOST_ROWS} largest of {count} parameters" in drawn.notes


def test_only_the_last_epochs_are_drawn_where_only_they_are_asked_for() -> None:
    norms = {"0.weight": np.arange(9) + 1.0, "1.weight": np.ones(9)}
    run = make_run(val_rmse=np.ones(9), parameters=make_parameters(norms))
    drawn = panel("layers", subject(run, last=4))
    assert drawn.x.tolist() == [6, 7, 8, 9] and drawn.values[0].tolist() == [6, 7, 8, 9]


def test_zeros_are_the_lowest_colour_and_that_is_told() -> None:
    run = make_run(val_rmse=[1, 1], parameters=make_parameters({**LADDER, "9.bias": [0, 1]}))
    drawn = panel("layers", subject(run))
    assert drawn.values.min() == 0 and "0 as the lowest colour" in drawn.notes
    assert panel("layers", subject(run, scale="linear")).notes == ()


def test_parameters_that_are_hardly_ever_listed_are_counted() -> None:
    lists = make_parameters({**{k: v * 4 for k, v in LADDER.items()}, "rare": [1.0]})
    drawn = panel("layers", subject(make_run(val_rmse=np.ones(8), parameters=lists)))
    assert "rare" not in drawn.rows and "1 rarely listed not drawn" in drawn.notes


def test_without_lists_modules_and_layers_are_the_rows() -> None:
    columns = {
        "grad_norm/head": [1.0, 2.0],
        "grad_norm/embed": [3.0, np.inf],
        "layer_grad_norm/conv2": [5.0, 6.0],
        "layer_grad_norm/conv1": [7.0, 8.0],
    }
    modules, layers = panels("layers", subject(make_run(grad_norm=[9, 9], more=columns)))
    assert modules.row_axis == "module" and modules.rows == ("embed", "head")
    assert modules.values[1].tolist() == [1, 2]
    assert modules.values[0, 0] == 3 and np.isnan(modules.values[0, 1])
    assert layers.row_axis == "layer" and layers.rows == ("conv1", "conv2")


def test_marks_are_of_rules_that_look_at_layers() -> None:
    codes = ("GRAD001", "GRAD004", "GRAD003", "UPD003", "NUM001")
    found = [finding(code, (1, 2)) for code in codes]
    run = make_run(val_rmse=[1, 1], parameters=make_parameters(LADDER))
    norms, ratios = panels("layers", subject(run, *found))
    assert [mark.code for mark in norms.marks] == ["GRAD001", "GRAD004", "NUM001"]
    assert [mark.code for mark in ratios.marks] == ["UPD003", "NUM001"]


def test_without_any_norm_there_is_a_reason() -> None:
    drawn = panel("layers", subject(make_run(val_rmse=[1.0], grad_norm=[1.0])))
    assert isinstance(drawn, Blank) and drawn.reason.startswith("the log has no")
