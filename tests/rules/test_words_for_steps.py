"""Runs by steps: rules speak of steps and points, renderers show where rows stand."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from logparse.axis import in_own_words, label, reason_in_own_words, span
from logparse.findings import Confidence, Finding, Report, RunReport, Severity
from logparse.judging import judge
from logparse.plots.picturing import picture
from logparse.plots.words import describe_picture
from logparse.renderers import as_json, text
from logparse.renderers.layout import Page
from logparse.rules import all_rules
from logparse.run import Run
from logparse.session import Session
from tests.rules.whole_runs import whole
from tests.runs import make_run, make_settings, noisy, power_law

EPOCHS = re.compile(r"\bE\d{2,}|epoch", re.IGNORECASE)
STRIDE = 100
OVERFITS = 0.3 + 0.02 * np.abs(np.arange(40) - 12)


def by_steps(run: Run, stride: int = STRIDE, **settings: object) -> Run:
    """The same run, as a log by steps would have it."""
    epochs = run.epochs.assign(step=run.epochs["epoch"] * float(stride))
    said = {key: value for key, value in run.settings.items() if "EPOCH" not in key.upper()}
    return replace(run, axis="step", epochs=epochs, settings=make_settings(said | settings))


@cache
def overfitting() -> Run:
    train = power_law(40, start=1.0, floor=0.01, rate=1.0)
    return by_steps(make_run(val_loss=noisy(OVERFITS, level=0.005), train_loss=noisy(train)))


def spiking() -> Run:
    loss = noisy(power_law(60))
    loss[30:33] *= 8
    norm = noisy(np.full(60, 0.4))
    norm[[30, 40, 50]] *= 60
    return by_steps(
        make_run(train_loss=loss, val_loss=noisy(power_law(60), seed=2), grad_norm=norm)
    )


def broken() -> Run:
    run = whole()
    return by_steps(
        replace(run, nonfinite={"train_loss": np.array([60]), "grad_norm": np.array([7])})
    )


def never() -> Run:
    flat = noisy(np.full(40, 2.3), level=0.001)
    return by_steps(
        make_run(train_loss=flat, val_loss=flat + 0.01, grad_norm=noisy(np.full(40, 1.0)))
    )


def said(judged: RunReport) -> list[str]:
    """All that rules say but for their names."""
    found = [*judged.findings, *(one.finding for one in judged.suppressed)]
    texts = [
        text for one in found for text in (one.reading, one.confirm, *one.causes, *one.remedies)
    ]
    texts += [str(part) for one in found for pair in one.measured.items() for part in pair]
    return [*texts, *(check.reason for check in judged.checks)]


@pytest.mark.parametrize("make", [lambda: by_steps(whole()), overfitting, spiking, broken, never])
def test_no_rule_speaks_of_epochs(make) -> None:  # type: ignore[no-untyped-def]
    judged = judge(make(), all_rules())
    assert not [text for text in said(judged) if EPOCHS.search(text)]
    assert judged.findings


def test_overfitting_is_told_by_steps() -> None:
    (found,) = (one for one in judge(overfitting(), all_rules()).findings if one.code == "GEN001")
    assert "step 1,300" in found.reading
    assert found.epochs == (13, 40)
    assert found.measured["best_step"] == 1300
    assert found.measured["points_since_best"] == 27


def finding(**told: object) -> Finding:
    fields = {"code": "X001", "name": "x", "severity": Severity.NOTE, "measured": {}}
    plain = {"confidence": Confidence.LOW, "reading": "", "remedies": (), "confirm": ""}
    return Finding(**fields | plain | told)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "own"),
    [
        ("at E07.", "at step 700."),
        ("(E07-E09)", "(steps 700-900)"),
        ("12 epochs ago, 1 epoch more", "12 points ago, 1 point more"),
        ("loses 3 an epoch", "loses 3 a point"),
        ("2 times the epochs", "2 times the steps"),
        ("at E20 of 30 planned epochs", "at step 2,000 of 3,000 planned steps"),
        ("a cosine schedule over 40 epochs", "a cosine schedule over 4,000 steps"),
        ("a cosine schedule over all epochs", "a cosine schedule over all steps"),
        ("by E45", "by step 4,500"),
        ("NUM_EPOCHS 10 -> 20, EPOCHS, num_train_epochs", None),
        ("epochs 10 -> 20", None),
        ("layers/E07.weight, E07-large, per_epoch/E07", None),
    ],
)
def test_words(words: str, own: str | None) -> None:
    assert in_own_words(overfitting(), finding(reading=words)).reading == (own or words)
    by_epochs = make_run(val_loss=power_law(40))
    assert in_own_words(by_epochs, finding(reading=words)).reading == words


def test_names_of_the_log_stay() -> None:
    run = overfitting()
    odd = replace(run, epochs=run.epochs.assign(**{"loss per epoch": 1.0}))
    told = in_own_words(odd, finding(reading="loss per epoch rises at every epoch")).reading
    assert told == "loss per epoch rises at every point"


def test_labels_of_other_axes() -> None:
    run = overfitting()
    counted = replace(run, axis="record")
    assert (label(counted, 7), span(counted, 7, 9)) == ("record 7", "records 7-9")
    tokens = replace(run, axis="tokens", epochs=run.epochs.assign(tokens=run.epochs["step"] * 1e4))
    assert span(tokens, 1, 2) == "tokens 1,000,000-2,000,000"
    parts = run.epochs.assign(epoch_printed=run.epochs["epoch"] / 4)
    assert label(replace(run, axis="epoch", epochs=parts), 7) == "epoch 1.75"


@pytest.mark.parametrize(
    ("settings", "planned"),
    [({"max_steps": 8000}, 80), ({"max_steps": 4050}, 40), ({"max_steps": -1}, None),
     ({"max_steps": -1, "train_num_batches": 6000}, 60), ({"EPOCHS": 3}, None), ({}, None)],
)  # fmt: skip
def test_planned_steps_are_told_in_rows(settings: dict[str, int], planned: int | None) -> None:
    run = overfitting()
    assert replace(run, settings=make_settings(settings)).planned_epochs == planned


def test_the_planned_length_is_told_as_declared() -> None:
    run = replace(overfitting(), settings=make_settings({"max_steps": 8050}))
    said = reason_in_own_words(run, f"E40 of {run.planned_epochs} planned, perhaps running")
    assert said == f"{label(run, 40)} of 8,050 planned, perhaps running"


def test_everything_shown_is_by_steps() -> None:
    judged = judge(overfitting(), all_rules())
    shown = "".join(part for line in text.lines(Report((judged,)), Page()) for part, _ in line)
    assert "steps 100-4,000, 40 points" in shown
    document = as_json.document(Report((judged,)))["runs"][0]
    assert document["axis"] == {"name": "step", "first": 100.0, "last": 4000.0}
    assert document["findings"][0]["places"] == [1300.0, 4000.0]
    json.dumps(document)
    told = describe_picture(picture(judged))
    assert "at step 1,300" in told
    assert not EPOCHS.search(told)


def test_tidy_and_beginnings_keep_steps() -> None:
    lines = [f'{{"step": {at * 100}, "loss": {2 / at}}}' for at in range(1, 41)]
    session = Session("run.jsonl", rules=())
    session.feed("\n".join(lines).encode() + b"\n")
    half = session.runs()[-1].up_to(20)
    assert half.points is not None
    assert float(half.points["step"].iloc[-1]) == 2000.0
    assert half.tidy()["step"].max() == 2000
    assert set(half.tidy()["metric"]) == {"train_loss"}
