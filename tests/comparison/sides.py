"""Sides of a comparison from runs that a test makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from logparse.comparison.model import Entrant, Side
from logparse.findings import RunReport, Severity
from logparse.run import Run
from tests.comparison.comparisons import finding
from tests.runs import make_run


def entrant(run: Run, name: str = "", until: int | None = None, *codes: str) -> Entrant:
    found = (
        finding(
            code,
            f"name-of-{code.lower()}",
            severity=Severity.ERROR if code == "NUM001" else Severity.WARNING,
        )
        for code in codes
    )
    report = RunReport(run, tuple(found), ())
    return Entrant(name or run.source, report, until)


def side(label: str, *runs: Run) -> Side:
    names = [f"{label}-{at}" for at in range(len(runs))] if len(runs) > 1 else [label]
    return Side(label, tuple(entrant(run, name) for run, name in zip(runs, names, strict=True)))


def learner(
    seed: int | None = 0,
    *,
    floor: float = 0.1,
    epochs: int = 20,
    noise: float = 0.0,
    settings: Mapping[str, Any] | None = None,
    model: Mapping[str, object] | None = None,
    generator: np.random.Generator | None = None,
    **columns: Sequence[float],
) -> Run:
    """A run whose val_rmse falls to `floor`, times some noise; seed None: it declares none."""
    level = floor
    if generator is not None:
        level *= float(np.exp(noise * generator.standard_normal()))
    curve = level * (1 + 9 * np.exp(-np.arange(epochs) / 3))
    declared = {"MAX_EPOCHS": epochs, **(settings or {})}
    declared |= {} if seed is None else {"SEED": seed}
    data: dict[str, Any] = {"val_rmse": curve, "val_mae": 0.8 * curve, "train_rmse": 0.9 * curve}
    run = make_run(settings=declared, **(data | columns))
    return replace(run, model=dict(model or {}))
