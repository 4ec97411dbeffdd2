"""States and events of followed logs, built by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from runs import LR_PRINTED, SEED_SETTINGS, cosine_lr, make_run, noisy, power_law, printed

from logparse.findings import Confidence, Finding, Severity
from logparse.following.events import Event, Kind
from logparse.following.progress import progress_of
from logparse.following.state import LogState
from logparse.run import Run

NOW = datetime(2026, 11, 22, 12, 3, 11, tzinfo=UTC)
HOSTILE = 'a\x1b[31m\n<script>alert(1)</script>/日本語\u202e\udc80/x"y\\z'
"""Controls, markup, wide signs, a turn of direction, and a byte that is no UTF-8."""


def learning_run(length: int = 17, *, planned: int = 70, **columns: Sequence[float]) -> Run:
    """A run of the seed's settings in the middle of its one cycle."""
    curve = noisy(power_law(length)) if length else []
    return make_run(
        settings={**SEED_SETTINGS, "MAX_EPOCHS": planned},
        resolution=LR_PRINTED,
        **{
            "train_rmse": power_law(length) if length else [],
            "val_rmse": curve,
            "lr": printed(cosine_lr(length, total=planned)) if length else [],
            "grad_norm": power_law(length) if length else [],
            "elapsed_s": [50.2] * length,
            **columns,
        },
    )


def found(
    code: str = "GRAD003", severity: Severity = Severity.WARNING, name: str = "gradient-spike"
) -> Finding:
    """A finding with a reading that is longer than a line."""
    return Finding(
        code=code,
        name=name,
        severity=severity,
        confidence=Confidence.HIGH,
        reading="The gradient norm was 0.412, which is 11.8 times the median of ten epochs.",
        measured={"ratio": 11.8, "worst": float("nan")},
        remedies=("lower CLIPNORM",),
        confirm="No epoch is above it.",
    )


def event(
    kind: Kind = Kind.RAISED,
    *,
    ago_s: float = 101,
    source: str = "run.log",
    finding: Finding | None = None,
    epoch: int | None = 15,
    text: str = "",
    run: int = 1,
) -> Event:
    """Something that happened so many seconds before NOW; a finding where the kind has one."""
    if finding is None and kind in (Kind.RAISED, Kind.WORSE, Kind.CLEARED):
        finding = found()
    return Event(
        kind=kind,
        source=source,
        at=NOW - timedelta(seconds=ago_s),
        text=text or (finding.reading if finding is not None else "something has happened"),
        run=run,
        epoch=epoch,
        severity=None if finding is None else finding.severity,
        finding=finding,
    )


def state(run: Run | None = None, source: str = "run.log", **facts: object) -> LogState:
    """A log that grew 21 s before NOW; two findings stand, three things have happened."""
    run = learning_run() if run is None else run
    known: dict[str, object] = {
        "run_count": 1,
        "progress": progress_of(run, NOW, since_s=21.0),
        "findings": (found("BASE002", Severity.ERROR, "worse-than-persistence"), found()),
        "events": (
            event(Kind.BEGUN, ago_s=900, source=source, epoch=None),
            event(source=source),
            event(Kind.EPOCH, ago_s=60, source=source),
            event(Kind.CLEARED, ago_s=51, source=source, epoch=16),
        ),
        "last_growth": NOW - timedelta(seconds=21),
        "stall_after_s": 251.0,
    }
    return LogState(source=source, run=run, **{**known, **facts})  # type: ignore[arg-type]
