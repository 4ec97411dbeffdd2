"""What is said of a run that goes on after it was resumed."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from logparse.axis import noun
from logparse.findings import epoch_label, epoch_span, plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from logparse.findings import Measure
    from logparse.run import Run
    from logparse.signals.consistency.resume import Jump, Resume
    from logparse.signals.consistency.seams import Crossing


def seam_reading(
    run: Run, crossings: Sequence[Crossing], shown: Crossing, jump: Jump | None
) -> str:
    """Where the run goes on, how far it had been, what was told again, and what breaks."""
    seam, unit = shown.seam, _unit(run)
    where = f" in {PurePath(seam.source).name}" if seam.source else ""
    words = [f"The run goes on{where} at {unit} {seam.number:,.10g} after {seam.reached:,.10g}"]
    if seam.dropped:
        words[0] += f", and tells {plural(seam.dropped, 'point')} again"
    if len(crossings) > 1:
        words[0] += f" (one of {len(crossings)} seams)"
    if shown.rate is not None:
        words.append(f"the rate jumps from {shown.rate.before:.2g} to {shown.rate.after:.2g}")
    if jump is not None:
        way = "higher" if jump.z > 0 else "lower"
        words.append(f"{jump.column} is {abs(jump.z):.1f} sigma {way} than its course")
    return ", and ".join(words) + "."


def _unit(run: Run) -> str:
    """What the log counts by: steps where it tells them, else the axis of the run."""
    points = run.points
    is_by_steps = points is not None and "step" in points and points["step"].notna().mean() >= 0.5
    return "step" if is_by_steps else noun(run)


def seam_facts(
    crossings: Sequence[Crossing], shown: Crossing, jump: Jump | None
) -> dict[str, Measure]:
    """The numbers of a seam, and of all of them together."""
    seam = shown.seam
    found: dict[str, Measure] = {
        "seams": len(crossings),
        "goes_on_at": seam.number,
        "reached_before": seam.reached,
        "points_told_again": sum(one.seam.dropped for one in crossings),
    }
    if seam.source:
        found["goes_on_in"] = seam.source
    if shown.rate is not None:
        found |= {"lr_before": shown.rate.before, "lr_after": shown.rate.after}
    if jump is not None:
        found |= {"loss": jump.column, "loss_before": jump.before, "loss_after": jump.after}
        found |= {"loss_expected": jump.expected, "z": jump.z}
    return found


def seam_causes(shown: Crossing, jump: Jump | None) -> tuple[str, ...]:
    """Why the run may break there."""
    found = ["the scheduler's state was not restored"] if shown.rate is not None else []
    if jump is not None:
        found.append("the optimizer's state was not restored, or the weights are older ones")
    return tuple(found) or ("the training was stopped and resumed from a checkpoint",)


def resume_reading(border: Resume, jump: Jump | None) -> str:
    """How a run goes on from the one before it, and what breaks there."""
    first, last = epoch_label(border.first_epoch), epoch_label(border.last_before)
    verb = "goes back to" if border.kind == "rollback" else "goes on with"
    words = [f"After {last} the log {verb} {first}"]
    if border.missing is not None:
        words[0] += f" ({epoch_span(*border.missing.span)} missing)"
    if border.rate is not None:
        again = ", as in the first epochs" if border.rate.restarts else ""
        words.append(
            f"the rate jumps from {border.rate.before:.2g} to {border.rate.after:.2g}{again}"
        )
    if jump is not None:
        way = "higher" if jump.z > 0 else "lower"
        words.append(f"{jump.column} is {abs(jump.z):.1f} sigma {way} than its course")
    is_whole = border.is_compared and border.missing is None and len(words) == 1
    return ", and ".join(words) + (", without a break." if is_whole else ".")
