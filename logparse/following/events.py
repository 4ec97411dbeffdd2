"""What happens to a log that is followed: data only, the words for people are the renderers'."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from logparse.findings import epoch_label

if TYPE_CHECKING:
    from datetime import datetime

    from logparse.findings import Finding, Report, Severity
    from logparse.following.progress import Progress


class Kind(StrEnum):
    """What has happened.

    waiting   the file is not there yet, or not yet a log; or it is gone, or cannot be read
    replaced  the file was rewritten or truncated: what it said is forgotten, it is read anew
    rotated   the file was rotated: the run goes on in a new one
    begun     a run begins: the first, or another in the same file
    epoch     an epoch is complete
    raised    a finding stands
    worse     a finding is more severe than it ever was
    cleared   a finding stands no more
    finished  the run has come to its planned end, or has stopped early and is silent
    stalled   nothing was written for far longer than an epoch takes
    resumed   the writer goes on after a stall
    ended     the following ends: the report of all that was read
    """

    WAITING = "waiting"
    REPLACED = "replaced"
    ROTATED = "rotated"
    BEGUN = "begun"
    EPOCH = "epoch"
    RAISED = "raised"
    WORSE = "worse"
    CLEARED = "cleared"
    FINISHED = "finished"
    STALLED = "stalled"
    RESUMED = "resumed"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Event:
    """One thing that happened to one log.

    source    the log, as it is called
    at        when it was noticed, in UTC
    run       the number of the run in its file, from 1; None before there is one
    epoch     the newest complete epoch of that run; None before there is one
    label     the same as the log counts, where that is not by epochs: `step 700`
    text      what happened, in a sentence without the code; the log's own text is not escaped
    severity  how bad: of `raised`, `worse` and `cleared` that of the finding; None for news
    finding   of `raised` and `worse` as it now stands, of `cleared` as it last stood
    progress  how far the run is; of `begun`, `epoch` and `stalled`
    report    of `ended`
    """

    kind: Kind
    source: str
    at: datetime
    text: str
    run: int | None = None
    epoch: int | None = None
    severity: Severity | None = None
    finding: Finding | None = None
    progress: Progress | None = None
    report: Report | None = None
    label: str = ""

    @property
    def place(self) -> str:
        """`E07`, or `step 700`; '' before there is one."""
        return self.label or ("" if self.epoch is None else epoch_label(self.epoch))
