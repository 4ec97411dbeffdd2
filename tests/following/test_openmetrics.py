"""Metrics of followed logs: text that both parsers of the format accept."""

from __future__ import annotations

import math
import sys
from dataclasses import replace

import pytest
from prometheus_client import parser
from prometheus_client.openmetrics import parser as strict_parser
from states import HOSTILE, NOW, found, learning_run, state

from logparse.errors import MissingExtraError
from logparse.findings import Severity
from logparse.following.renderers.openmetrics import render
from logparse.following.state import LogState
from logparse.renderers.spans import escape

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def read(text: str) -> Samples:
    """Name and labels to value, by both parsers, which must agree; without time stamps."""
    families = [
        list(parser.text_string_to_metric_families(text)),  # type: ignore[no-untyped-call]
        list(strict_parser.text_string_to_metric_families(text)),  # type: ignore[no-untyped-call]
    ]
    assert all(
        family.type == "gauge" and family.documentation for each in families for family in each
    )
    samples = [[sample for family in each for sample in family.samples] for each in families]
    assert all(sample.timestamp is None for each in samples for sample in each)
    lenient, exact = (
        {(one.name, frozenset(one.labels.items())): one.value for one in each} for each in samples
    )
    assert lenient.keys() == exact.keys() and len(lenient) == len(samples[0])
    return lenient


def value(samples: Samples, metric: str, /, **labels: str) -> float:
    labels = {"log": "run.log", **labels}
    return samples[f"logdiag_{metric}", frozenset(labels.items())]


def test_the_state_of_a_run_is_told_in_base_units() -> None:
    run = learning_run(17, gpu_gib=[0.5] * 17, throughput=[34086.7] * 17)
    text = render([state(run)])
    samples = read(text)
    assert text.endswith("# EOF\n") and "# UNIT logdiag_memory_bytes bytes\n" in text
    assert value(samples, "epoch") == 17 and value(samples, "epochs_planned") == 70
    assert value(samples, "epoch_seconds") == 50.2
    assert value(samples, "eta_seconds") == pytest.approx(53 * 50.2 - 21)
    assert value(samples, "memory_bytes") == 2**29
    assert value(samples, "throughput") == 34086.7
    assert value(samples, "learning_rate") > 0 and value(samples, "grad_norm") > 0
    assert value(samples, "last_growth_timestamp_seconds") == NOW.timestamp() - 21
    assert value(samples, "stalled") == 0


def test_metrics_are_told_with_their_best() -> None:
    run = learning_run(
        3, val_rmse=[0.4, 0.2, 0.3], train_r2=[0.1, 0.3, 0.2], val_r2=[0.0, 0.2, 0.1]
    )
    samples = read(render([state(run)]))
    assert value(samples, "metric", metric="val_rmse") == 0.3
    assert value(samples, "metric_best", metric="val_rmse") == 0.2
    assert value(samples, "metric_best", metric="train_r2") == 0.3
    names = {dict(labels).get("metric") for name, labels in samples if name == "logdiag_metric"}
    assert names == {"train_rmse", "val_rmse", "train_r2", "val_r2"}


def test_findings_are_counted_and_named() -> None:
    twice = (found(), found(), found("NUM001", Severity.ERROR, "non-finite"))
    samples = read(render([state(findings=twice, is_stalled=True)]))
    assert value(samples, "findings", severity="error") == 1
    assert value(samples, "findings", severity="warning") == 2
    assert value(samples, "findings", severity="note") == 0
    spike = {"code": "GRAD003", "name": "gradient-spike", "severity": "warning"}
    assert value(samples, "finding", **spike) == 1
    assert value(samples, "stalled") == 1


def test_what_is_not_known_has_no_sample() -> None:
    samples = read(render([LogState(source="run.log", waiting="no such file yet")]))
    assert {name for name, _ in samples} == {"logdiag_findings", "logdiag_stalled", "logdiag_up"}
    assert read(render([])) == {}


def test_the_last_numbers_say_that_nobody_follows_any_more() -> None:
    for is_followed in (True, False):
        samples = read(render([state()], is_followed=is_followed))
        assert value(samples, "up") == is_followed


def test_what_is_not_finite_is_written_as_such() -> None:
    run = learning_run(3, val_rmse=[0.4, 0.2, math.nan], train_rmse=[0.4, 0.2, math.inf])
    run = replace(run, nonfinite={"val_rmse": [3], "train_rmse": [3]})  # type: ignore[dict-item]
    text = render([state(run)])
    samples = read(text)
    assert math.isnan(value(samples, "metric", metric="val_rmse"))
    assert value(samples, "metric", metric="train_rmse") == math.inf
    assert '"} NaN\n' in text and '"} +Inf\n' in text


def test_several_logs_and_hostile_names_keep_their_lines() -> None:
    samples = read(render([state(source=HOSTILE), state(), state()]))
    logs = {dict(labels)["log"] for _, labels in samples}
    assert logs == {"run.log", escape(HOSTILE)}


def test_without_the_package_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'logdiag\[metrics\]'"):
        render([state()])
