"""What the rows of a run are called: epochs, or the steps of a log by steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import epoch_label

if TYPE_CHECKING:
    from logparse.run import Run

_NAMES = {"tokens": "token", "samples": "sample", "since_start_s": "second"}


def label(run: Run, epoch: int) -> str:
    """The row as people call it: `E07`, `step 700`, `token 1,000,000`."""
    if run.axis == "epoch":
        return epoch_label(epoch)
    number: float = epoch
    if run.axis in run.epochs:
        at = run.epochs.loc[run.epochs["epoch"] == epoch, run.axis]
        number = float(at.iloc[0]) if len(at) else epoch
    return f"{_NAMES.get(run.axis, run.axis)} {number:,.10g}"
