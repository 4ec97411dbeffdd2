"""The picture of one run: which panels, in which order, over which axis."""

from __future__ import annotations

import sys
from subprocess import run as execute

import pytest

from logparse.errors import UnknownNameError
from logparse.findings import RunReport
from logparse.plots.content import Axis, Blank, Chart
from logparse.plots.picturing import OVERVIEW, picture
from logparse.plots.subject import Wanted
from logparse.plots.views import VIEWS
from tests.plots.subjects import finding
from tests.rules.whole_runs import whole
from tests.runs import make_run

CURVE = [0.4, 0.3, 0.2]


def titles(*views: str, **columns: list[float]) -> list[str]:
    return [panel.title for panel in picture(make_run(**columns), *views).panels]


def test_the_overview_shows_what_the_log_has() -> None:
    assert titles(val_rmse=CURVE, grad_norm=CURVE) == ["rmse", "gradient norm"]
    assert set(OVERVIEW) <= set(VIEWS)


def test_the_overview_of_nothing_says_what_is_missing() -> None:
    drawn = picture(make_run())
    assert drawn.is_blank and len(drawn.panels) == len(OVERVIEW)


def test_views_come_in_one_order_however_they_are_asked_for() -> None:
    assert titles("memory", "lr", "loss", "lr", val_rmse=CURVE, lr=CURVE, gpu_gib=CURVE) == [
        "rmse",
        "learning rate",
        "GPU memory",
    ]


def test_a_view_that_was_asked_for_and_has_nothing_is_blank() -> None:
    drawn = picture(make_run(val_rmse=CURVE), "loss", "lr")
    assert [type(panel) for panel in drawn.panels] == [Chart, Blank]
    assert not drawn.is_blank
    assert picture(make_run(val_rmse=CURVE), "lr").is_blank


def test_an_unknown_view_is_named_with_its_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean grad-norms"):
        picture(make_run(val_rmse=CURVE), "loss", "grad-norm")


def test_panels_share_the_axis_of_the_epochs_wanted() -> None:
    drawn = picture(make_run(val_rmse=CURVE, lr=CURVE), wanted=Wanted(last=2))
    assert drawn.axis == Axis("epoch", 2.0, 3.0) and drawn.axis.is_epochs
    assert all(line.x.tolist() == [2, 3] for panel in drawn.panels for line in panel.lines)


def test_a_run_is_drawn_without_findings_and_a_report_with_them() -> None:
    run = make_run(val_rmse=CURVE)
    assert picture(run).panels[0].marks == ()
    report = RunReport(run, (finding("LOSS001", (1, 3)),), ())
    assert [mark.code for mark in picture(report).panels[0].marks] == ["LOSS001"]


def test_the_title_is_the_source_as_it_is() -> None:
    drawn = picture(make_run(val_rmse=CURVE))
    assert drawn.title == "test.log" and drawn.subtitle == "run-log F2 · E01-E03"


def test_a_whole_log_fills_every_view() -> None:
    views = [name for name in VIEWS if name not in ("attention", "features")]
    assert not any(isinstance(panel, Blank) for panel in picture(whole(), *views).panels)


def test_a_picture_is_made_without_matplotlib() -> None:
    code = (
        "from tests.runs import make_run; from logparse.plots.picturing import picture; import sys;"
        "picture(make_run(val_rmse=[1.0, 2.0], grad_norm=[1.0, 2.0]));"
        "print('matplotlib' in sys.modules)"
    )
    done = execute([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "False", done.stderr
