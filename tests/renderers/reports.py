"""Reports built by hand, so that renderers are tested without a reader or a rule."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pandas as pd
from symptoms import INERT_CLIP, OVERFITTING, WORSE_THAN_PERSISTENCE

from logparse.findings import (
    Check,
    Finding,
    Outcome,
    Report,
    RunReport,
    SourceFailure,
    Suppressed,
)
from logparse.records import Resolution, Unparsed
from logparse.run import Coverage, Predecessor, Run, Truncation
from logparse.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

RESOLUTION = {
    **{f"{split}_{name}": Resolution(4) for split in ("train", "val") for name in ("rmse", "mae")},
    **{f"{split}_r2": Resolution(4) for split in ("train", "val")},
    "train_loss": Resolution(4, scientific=True),
    "lr": Resolution(1, scientific=True),
    "grad_norm": Resolution(3),
    "elapsed_s": Resolution(1),
}
BASELINES = {
    "train_mean_rmse": 0.11379,
    "train_persistence_rmse": 0.00941,
    "val_mean_rmse": 0.10862,
    "val_persistence_rmse": 0.012,
}

RULES = (
    ("LR001", "early-lr-drop", 6),
    ("LR002", "lr-floor-too-soon", 10),
    ("LR003", "schedule-mismatch", 2),
    ("GRAD001", "vanishing-gradient", 3),
    ("GRAD002", "exploding-gradient", 5),
    ("GRAD003", "gradient-spike", 20),
    ("UPD001", "update-too-small", 3),
    ("LOSS001", "never-learned", 8),
    ("LOSS002", "premature-plateau", 12),
    ("LOSS003", "divergence", 8),
    ("LOSS004", "still-improving-at-end", 10),
    ("LOSS005", "loss-spike", 10),
    ("GEN001", "overfitting", 10),
    ("GEN002", "best-epoch-very-early", 20),
    ("BASE001", "no-better-than-mean", 3),
    ("BASE002", "worse-than-persistence", 3),
    ("BASE003", "metric-identity-violation", 1),
    ("NUM001", "non-finite", 1),
    ("NUM003", "amp-scale-collapse", 2),
    ("DATA001", "input-bound", 1),
    ("DATA002", "throughput-degradation", 8),
    ("HYP001", "clipnorm-inert", 1),
    ("HYP004", "declared-v-observed", 1),
    ("LOG001", "missing-or-duplicate-epochs", 1),
    ("LOG006", "partial-tensor-table", 1),
)
UNAVAILABLE = {
    "NUM003": "no loss scale in the log",
    "DATA001": "no loader time in the log",
}


def one_run(
    columns: Mapping[str, list[float]],
    *,
    source: str = "run.log",
    index: int = 1,
    count: int = 1,
    planned: int | None = 70,
    first: int = 1,
    coverage: Coverage | None = None,
    unparsed: tuple[Unparsed, ...] = (),
    truncation: Truncation | None = None,
    baselines: Mapping[str, float] = BASELINES,
    dialect: str = "F2",
) -> Run:
    """A run whose epoch lines stand on every second line from 115 on."""
    rows = len(next(iter(columns.values()), []))
    epochs = pd.DataFrame(
        {
            "epoch": pd.Series(range(first, first + rows), dtype="int64"),
            "line": pd.Series([115 + 2 * row for row in range(rows)], dtype="int64"),
            **columns,
        }
    )
    settings: dict[str, object] = {} if planned is None else {"MAX_EPOCHS": planned}
    return Run(
        source=source,
        index=index,
        count=count,
        format="run-log",
        dialect=dialect,
        started=datetime(2025, 11, 3, 11, 48, 0, 611142, tzinfo=UTC),
        epochs=epochs,
        parameters=pd.DataFrame(columns=["epoch", "position", "name", "grad_norm", "line"]),
        features=pd.DataFrame(columns=["epoch", "position", "name", "score", "line"]),
        settings=Settings(settings, {key: str(settings[key]) for key in settings}, {}),
        baselines=baselines,
        model={},
        batch={},
        optimizer={},
        micro={},
        coverage=coverage or Coverage(lines=116, parsed=61, legend=47, blank=8),
        resolution=RESOLUTION,
        unparsed=unparsed,
        truncation=truncation,
        predecessor=None if index == 1 else Predecessor(70, 254),
    )


def learning(epochs: int, *, overfits_from: int | None = None) -> dict[str, list[float]]:
    """Columns of a run that learns, on a one-cycle schedule; validation may turn at an epoch."""
    steps = range(epochs)
    wiggle = [0.0008 * math.sin(2.7 * step) for step in steps]
    train = [0.021 + 0.0995 * math.exp(-step / 9) for step in steps]
    turn = epochs if overfits_from is None else overfits_from
    rise = [0.0002 * max(step - turn, 0) for step in steps]
    val = [
        0.0385 + 0.0665 * math.exp(-step / 7) + up + jitter
        for step, up, jitter in zip(steps, rise, wiggle, strict=True)
    ]
    warm = max(epochs // 10, 1)
    lr = [
        5e-5 + 4.5e-4 * step / warm
        if step < warm
        else 5e-6 + 4.95e-4 * (1 + math.cos(math.pi * (step - warm) / max(epochs - warm, 1))) / 2
        for step in steps
    ]
    return {
        "lr": lr,
        "train_rmse": train,
        "train_mae": [0.67 * value for value in train],
        "train_r2": [1 - (value / 0.11379) ** 2 for value in train],
        "val_rmse": val,
        "val_mae": [0.685 * value for value in val],
        "val_r2": [1 - (value / 0.10862) ** 2 for value in val],
        "train_loss": [value**2 / 3 for value in train],
        "grad_norm": [0.035 * math.exp(-step / 12) + (0.09 if step == 14 else 0) for step in steps],
        "elapsed_s": [50.2 - 0.3 * (step % 3) for step in steps],
    }


def seed_columns() -> dict[str, list[float]]:
    """The one epoch line of an ordinary first epoch."""
    return {
        "lr": [7.2e-05],
        "train_rmse": [0.1205],
        "train_mae": [0.0807],
        "train_r2": [-0.1212],
        "train_delta_rmse": [math.nan],
        "val_rmse": [0.1050],
        "val_mae": [0.0719],
        "val_r2": [0.0655],
        "train_loss": [4.7413e-03],
        "grad_norm": [0.035],
        "elapsed_s": [50.2],
    }


def judged(run: Run, *findings: Finding) -> RunReport:
    """The run with its findings, and checks that follow from its length."""
    fired = {finding.code for finding in findings}
    rows = len(run.epochs)

    def check(code: str, name: str, least: int) -> Check:
        if code in fired:
            return Check(code, name, Outcome.FIRED)
        if code in UNAVAILABLE:
            return Check(code, name, Outcome.NOT_APPLICABLE, UNAVAILABLE[code])
        if rows < least:
            return Check(code, name, Outcome.TOO_SHORT, f"needs {least} epochs, has {rows}")
        if code == "LR003":
            return Check(code, name, Outcome.CLEAR, "OneCycle as declared, off by 0.3% at most")
        return Check(code, name, Outcome.CLEAR)

    return RunReport(run, findings, tuple(check(*rule) for rule in RULES))


def seed_report() -> Report:
    """One epoch: most checks are too short."""
    run = one_run(seed_columns(), source="seed_run.log")
    return Report((judged(run, INERT_CLIP),))


def full_report() -> Report:
    """70 epochs with an error and a warning, and lines that no grammar accepts."""
    run = one_run(
        learning(70, overfits_from=30),
        coverage=Coverage(2489, 2431, 47, 8, ((118, 118), (402, 403))),
        unparsed=(
            Unparsed(118, "E02 | OPTS[1:7.9e-05|cnts=[48]] | GN[head_flat=0.0", 44, "NUMBER"),
            Unparsed(402, "Traceback (most recent call last):", 1, "EPOCH or G/U"),
            Unparsed(403, "KeyError: 'val'"),
        ),
    )
    report = judged(run, WORSE_THAN_PERSISTENCE, OVERFITTING)
    check = Check("LOSS002", "premature-plateau", Outcome.SUPPRESSED, "by GEN001")
    checks = tuple(check if one.code == check.code else one for one in report.checks)
    echo = Suppressed(replace(OVERFITTING, code=check.code, name=check.name), "GEN001")
    return Report((replace(report, checks=checks, suppressed=(echo,)),))


def three_runs() -> Report:
    """Three runs in one file; the last has no finding."""
    cut = Truncation(line=139, epoch=12, missing="the end of the epoch line")
    first = one_run(learning(12), index=1, count=3, truncation=cut)
    second = one_run(learning(70, overfits_from=30), index=2, count=3)
    third = one_run(learning(18), index=3, count=3)
    return Report(
        (
            judged(first),
            judged(second, WORSE_THAN_PERSISTENCE, OVERFITTING),
            judged(third),
        )
    )


HOSTILE = "\x1b[31mred\x1b[0m \x07\u202eevil\u2066 \r\n\t\x9b2J \U000e0041 漢字 é"


def hostile_report() -> Report:
    """Every text that may come from a log or from a file system holds control characters."""
    run = one_run(
        {"val_\x1b[2J": [1.0, 2.0], "train_\x1b[2J": [1.0, math.inf], **learning(2)},
        source=f"{HOSTILE}.log",
        dialect=HOSTILE,
        coverage=Coverage(9, 7, 0, 0, ((3, 4),)),
        unparsed=(Unparsed(3, HOSTILE, 1, HOSTILE), Unparsed(4, HOSTILE * 9)),
    )
    finding = replace(
        INERT_CLIP,
        reading=HOSTILE,
        measured={HOSTILE: HOSTILE, "ratio": math.inf},
        causes=(HOSTILE, "x" * 300),
        remedies=(HOSTILE * 5,),
        confirm=HOSTILE,
    )
    check = Check("LR001", "early-lr-drop", Outcome.NOT_APPLICABLE, HOSTILE)
    failure = SourceFailure(HOSTILE, HOSTILE)
    return Report((RunReport(run, (finding,), (check,)),), (failure,))


REPORTS = {
    "seed": seed_report,
    "full": full_report,
    "three_runs": three_runs,
    "hostile": hostile_report,
}
