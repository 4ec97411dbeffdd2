"""What the views of gradient norms and of update ratios promise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from logparse.plots.content import Blank
from logparse.rules.upd.update_too_large import UpdateTooLarge
from logparse.rules.upd.update_too_small import UpdateTooSmall
from tests.plots.subjects import finding, judged, line, panel, panels, subject
from tests.runs import make_parameters, make_run, noisy

NORMS = np.array([3.0, 2.0, 1.0, 0.5])


def test_the_total_and_its_modules_are_those_of_the_log() -> None:
    modules = {"grad_norm/head": NORMS / 2, "grad_norm/body": NORMS / 4}
    chart = panel("grad-norms", subject(make_run(grad_norm=NORMS, more=modules)))
    assert [one.label for one in chart.lines] == ["total", "head", "body"]
    assert [one.role for one in chart.lines] == ["total", "part0", "part1"]
    assert line(chart, "total").x.tolist() == [1, 2, 3, 4]
    assert line(chart, "total").y.tolist() == NORMS.tolist()
    assert line(chart, "body").y.tolist() == (NORMS / 4).tolist()


def test_the_seven_largest_modules_are_drawn_and_the_rest_counted() -> None:
    modules = {f"grad_norm/m{k}": NORMS * (k + 1) for k in range(9)}
    chart = panel("grad-norms", subject(make_run(grad_norm=NORMS, more=modules)))
    assert [one.label for one in chart.lines[1:]] == [f"m{k}" for k in range(8, 1, -1)]
    assert "2 smaller not drawn" in chart.notes


def test_layers_stand_in_for_modules() -> None:
    layers = {"layer_grad_norm/conv1": NORMS, "layer_grad_norm/conv2": NORMS}
    chart = panel("grad-norms", subject(make_run(val_rmse=NORMS, more=layers)))
    assert [one.label for one in chart.lines] == ["conv1", "conv2"]


def test_the_band_is_made_of_the_parameters_quantiles() -> None:
    lists = make_parameters({f"p{k}": [k + 1.0, 2 * (k + 1.0)] for k in range(11)})
    (band,) = panel("grad-norms", subject(make_run(val_rmse=[1, 1], parameters=lists))).bands
    assert band.label == "10-90% of 11 parameters"
    assert band.x.tolist() == [1, 2]
    assert band.low.tolist() == [2, 4] and band.high.tolist() == [10, 20]


def test_without_lists_the_band_is_what_the_log_says_of_them() -> None:
    run = make_run(grad_norm=NORMS, grad_norm_median=NORMS / 10, grad_norm_p90=NORMS / 5)
    (band,) = panel("grad-norms", subject(run)).bands
    assert band.label == "50-90% of parameters"
    assert band.low.tolist() == (NORMS / 10).tolist()
    assert band.high.tolist() == (NORMS / 5).tolist()


def test_a_long_band_is_as_wide_as_it_ever_was() -> None:
    high = np.ones(5000)
    high[1234] = 99.0
    run = make_run(grad_norm_median=high / 200, grad_norm_p90=high)
    (band,) = panel("grad-norms", subject(run)).bands
    assert len(band.x) < 5000 and band.high.max() == 99.0 and band.low.min() == high.min() / 200


@pytest.mark.parametrize("key", ["CLIPNORM", "max_grad_norm"])
def test_the_limit_has_the_name_and_value_of_its_setting(key: str) -> None:
    (level,) = panel("grad-norms", subject(make_run(grad_norm=NORMS, settings={key: 0.5}))).levels
    assert (level.label, level.value) == (f"{key} 0.5", 0.5)


def test_no_limit_is_drawn_where_none_is_declared() -> None:
    run = make_run(grad_norm=NORMS, settings={"CLIPNORM": 0})
    assert panel("grad-norms", subject(run)).levels == ()


def spiking() -> np.ndarray:
    norms = noisy(np.full(40, 1.0), level=0.02)
    norms[[15, 30]] = 50.0, 90.0
    return norms


def test_spikes_are_where_the_rule_found_them() -> None:
    norms = spiking()
    drawn = judged(make_run(grad_norm=norms, val_rmse=np.ones(40)))
    assert drawn.found("GRAD003") is not None
    chart = panel("grad-norms", drawn)
    assert [(dot.x, dot.y, dot.kind) for dot in chart.dots] == [
        (16.0, 50.0, "spike"),
        (31.0, 90.0, "spike"),
    ]
    assert all(dot.label.startswith("GRAD003") for dot in chart.dots)
    assert ("GRAD003", 16.0, 31.0) in [(m.code, m.first, m.last) for m in chart.marks]


def test_spikes_go_by_the_threshold_that_the_finding_was_made_with() -> None:
    run = make_run(grad_norm=spiking())
    strict = finding("GRAD003", (16, 31), z_threshold=1e6)
    assert panel("grad-norms", subject(run, strict)).dots == ()
    assert panel("grad-norms", subject(run)).dots == ()


def test_spikes_before_the_window_are_not_drawn() -> None:
    drawn = judged(make_run(grad_norm=spiking(), val_rmse=np.ones(40)), last=20)
    assert [dot.x for dot in panel("grad-norms", drawn).dots] == [31.0]


def test_marks_are_of_gradients_and_numbers_and_cut_to_the_window() -> None:
    found = [finding(code, (1, 3)) for code in ("GRAD005", "NUM001", "LOSS001")]
    marks = panel("grad-norms", subject(make_run(grad_norm=NORMS), *found, last=2)).marks
    assert [(mark.code, mark.first, mark.last) for mark in marks] == [
        ("GRAD005", 3, 3),
        ("NUM001", 3, 3),
    ]


def test_a_finding_without_a_place_is_told() -> None:
    chart = panel("grad-norms", subject(make_run(grad_norm=NORMS), finding("GRAD004")))
    assert chart.marks == () and "GRAD004 name-of-it" in chart.notes


def test_norms_are_on_a_log_scale_unless_asked_otherwise() -> None:
    run = make_run(grad_norm=[1.0, 1.1, 1.2])
    assert panel("grad-norms", subject(run)).is_log
    assert not panel("grad-norms", subject(run, scale="linear")).is_log
    assert not panel("grad-norms", subject(make_run(grad_norm=[0.0, 0.0]))).is_log


def test_zeros_that_a_log_scale_leaves_out_are_told() -> None:
    run = make_run(grad_norm=NORMS, more={"grad_norm/head": [1.0, 0.0, 0.0, 1.0]})
    assert "zeros not drawn: head" in panel("grad-norms", subject(run)).notes
    assert panel("grad-norms", subject(run, scale="linear")).notes == ()


def test_a_band_of_zeros_is_told_and_not_drawn() -> None:
    names = {f"{k}.weight": [0.0] * 4 for k in range(20)} | {"head.weight": [1.0] * 4}
    run = make_run(grad_norm=NORMS, parameters=make_parameters(names))
    chart = panel("grad-norms", subject(run))
    assert chart.bands == () and "zeros not drawn: 10-90% of 21 parameters" in chart.notes
    assert len(panel("grad-norms", subject(run, scale="linear")).bands) == 1


def test_what_was_not_finite_breaks_the_curve() -> None:
    run = make_run(grad_norm=[1.0, np.nan, 1.0, np.nan], nonfinite={"grad_norm": (2,)})
    chart = panel("grad-norms", subject(run))
    assert chart.broken == (2.0,)
    assert line(chart, "total").x.tolist() == [1, 2, 3]  # nothing was printed in the last
    assert np.isnan(line(chart, "total").y[1])


def deep(length: int = 6) -> dict[str, list[float]]:
    return {f"{k}.weight": [10.0 ** (k - 6)] * length for k in range(6)}


def test_the_depth_is_shown_where_a_finding_speaks_of_it() -> None:
    run = make_run(val_rmse=np.ones(6), parameters=make_parameters(deep()))
    assert len(panels("grad-norms", subject(run))) == 1
    norms, depth = panels("grad-norms", subject(run, finding("GRAD001", (2, 6))))
    assert [mark.code for mark in norms.marks] == ["GRAD001"]
    assert [(mark.code, mark.first) for mark in depth.marks] == [("GRAD001", 2)]
    assert depth.is_log
    assert np.allclose(line(depth, "shallow third").y, 10**-5.5)
    assert np.allclose(line(depth, "deep third").y, 10**-1.5)
    assert line(depth, "deep third").x.tolist() == [1, 2, 3, 4, 5, 6]


def test_without_norms_there_is_a_reason() -> None:
    assert isinstance(panel("grad-norms", subject(make_run(val_rmse=NORMS))), Blank)
    drawn = subject(make_run(val_rmse=NORMS, nonfinite={"grad_norm": (1, 2, 3, 4)}))
    assert panel("grad-norms", drawn).reason == "no finite gradient norm in E01-E04"


def ratios(optimizer: str | None) -> tuple[list[str], list[float], str]:
    """Labels of the lines, values of the levels, and the first note."""
    settings = {} if optimizer is None else {"OPTIMIZER": optimizer}
    lists = make_parameters({f"{k}.weight": [1.0] * 4 for k in range(3)}, ratio=1e-3)
    run = make_run(
        settings=settings,
        parameters=lists,
        update_ratio_median=[1e-3] * 4,
        update_ratio_max=[1e-2] * 4,
        lr=[1e-2] * 4,
    )
    run = replace(run, model={"trainable_params": 100})
    chart = panel("update-ratios", subject(run))
    return [one.label for one in chart.lines], [x.value for x in chart.levels], chart.notes[0]


def test_steps_of_sgd_are_shown_with_both_thresholds() -> None:
    labels, levels, note = ratios("SGD")
    assert labels == ["median", "max", "step, clipped"]
    assert levels == [UpdateTooSmall.min_ratio, UpdateTooLarge.max_ratio]
    assert note == "printed: lr*|g|/|w|"


def test_under_adam_the_ratio_is_called_what_it_is() -> None:
    labels, levels, note = ratios("AdamW")
    assert labels == ["median", "max", "step at most, lr/rms(w)"]
    assert levels == [UpdateTooLarge.max_ratio]
    assert "no step of Adam's" in note


def test_without_an_optimizer_nothing_is_held_against_a_threshold() -> None:
    labels, levels, note = ratios(None)
    assert labels == ["median", "max"]
    assert levels == []
    assert "plain SGD only" in note


def test_a_threshold_is_the_one_that_the_finding_was_made_with() -> None:
    lists = make_parameters({f"{k}.weight": [1.0] * 4 for k in range(3)}, ratio=1e-3)
    run = make_run(settings={"OPTIMIZER": "SGD"}, parameters=lists, lr=[1e-2] * 4)
    chart = panel("update-ratios", subject(run, finding("UPD001", (1, 4), threshold=1e-2)))
    assert [level.value for level in chart.levels] == [1e-2, UpdateTooLarge.max_ratio]
    assert [mark.code for mark in chart.marks] == ["UPD001"]


def test_the_step_is_drawn_after_clipping() -> None:
    lists = make_parameters({f"{k}.weight": [1.0] * 4 for k in range(3)}, ratio=1e-3)
    settings = {"OPTIMIZER": "SGD", "CLIPNORM": 1}
    run = make_run(settings=settings, parameters=lists, grad_norm=[2.0, 4.0, 0.5, 1.0])
    drawn = line(panel("update-ratios", subject(run)), "step, clipped")
    assert np.allclose(drawn.y, [5e-4, 2.5e-4, 1e-3, 1e-3])


def test_modules_have_ratios_of_their_own_where_they_are_logged() -> None:
    run = make_run(update_ratio_median=NORMS, more={"update_ratio/head": NORMS * 2})
    chart = panel("update-ratios", subject(run))
    assert [(one.label, one.role) for one in chart.lines] == [
        ("median", "part0"),
        ("head", "part2"),
    ]
