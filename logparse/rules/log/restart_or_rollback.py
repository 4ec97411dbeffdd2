"""LOG002 restart-or-rollback."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Severity, epoch_label
from logparse.rules.base import Clear, Rule, option, rule
from logparse.rules.edits import remedies
from logparse.rules.seams import resume_reading, seam_causes, seam_facts, seam_reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals
    from logparse.signals.consistency.resume import Jump, Resume
    from logparse.signals.consistency.seams import Crossing

RESTORED = "save and load the states of optimizer, scheduler, loss scaler, sampler and generators"


@rule
class RestartOrRollback(Rule):
    """The run goes on from the one before it in the file, or starts again unannounced.

    What it does: recognises a run that starts above its first epoch after another run, or at its
    first epoch without a RUN START, and compares learning rate and losses across the border. Where
    log or files of one run fall back and go on, it names the seams of the stitched run.

    Why it matters: a resume that restores weights only goes on with another schedule, without
    the optimizer's moments, or through data that it has just seen. The curve hides it.

    Test: exact for the border. A warning when the learning rate breaks by a quarter and by more
    than any step beside the border, or repeats the first epochs of the run before; or when a
    loss lies 5 sigma and 5% beyond both its trend and its last three values, of 5 or more.
    Where epochs are missing there, only rates that start again are judged.

    False alarms: a run that starts at its first epoch under its own RUN START; a planned cut
    of the rate just there, or a rate set anew, is only noted.

    Try: save and restore every state; declare changed settings.

    Source: STA, WB, LIT; arithmetic. The 5% is measured: 1% of sound epochs pass as a jump.
    """

    code = "LOG002"
    name = "restart-or-rollback"
    severity = Severity.NOTE
    min_epochs = 1

    sigmas: float = option(5.0, "A loss this many sigma off its course is discontinuous.")
    least_change: float = option(0.05, "Smaller relative changes of a loss are passed over.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        border = signals.consistency.resume
        if crossings := signals.consistency.crossings:
            yield self._stitched(run, crossings)
        if border is None:
            if run.predecessor is not None and not run.seams:
                yield Clear("a run of its own, not a continuation")
            return
        jumps = [jump for jump in border.jumps if self._is_jump(jump)]
        widest = max(jumps, key=lambda jump: abs(jump.z), default=None)
        is_named = border.kind != "unannounced"
        yield self._resumed(border, widest) if is_named else self._unannounced(border)

    def _is_jump(self, jump: Jump) -> bool:
        return abs(jump.z) > self.sigmas and abs(jump.change) > self.least_change

    def _stitched(self, run: Run, crossings: tuple[Crossing, ...]) -> Finding:
        """One finding for all seams of a run; it shows the first that breaks, else the first."""
        jumps = {one: [jump for jump in one.jumps if self._is_jump(jump)] for one in crossings}
        breaks = [one for one in crossings if one.rate or jumps[one]]
        shown = (breaks or crossings)[0]
        widest = max(jumps[shown], key=lambda jump: abs(jump.z), default=None)
        return self.finding(
            severity=Severity.WARNING if breaks else Severity.NOTE,
            reading=seam_reading(run, crossings, shown, widest),
            measured=seam_facts(crossings, shown, widest) | {"sigma_threshold": self.sigmas},
            causes=seam_causes(shown, widest),
            remedies=remedies(RESTORED if breaks else "log where a run was resumed, and from what"),
            confirm="After the next resume, learning rate and losses go on as before.",
            confidence=Confidence.MEDIUM if breaks else Confidence.HIGH,
            epochs=(crossings[0].epoch, crossings[-1].epoch),
            lines=tuple(one.line for one in crossings),
        )

    def _unannounced(self, border: Resume) -> Finding:
        copy = border.copied == border.shared > 1
        second = "a second training ran in the same process"
        again = f"{epoch_label(border.first_epoch)} follows {epoch_label(border.last_before)}"
        return self.finding(
            reading=f"{again} without a new RUN START"
            + (", with the same figures: the epochs are in the file twice." if copy else "."),
            measured=border.facts(None),
            causes=("the log was appended to itself", second) if copy else (second,),
            remedies=remedies("write a RUN START and the settings for every training"),
            confirm="Every training in the log has its own RUN START.",
            confidence=Confidence.HIGH,
            epochs=(border.first_epoch, border.first_epoch),
            lines=(border.line_before, border.line),
        )

    def _resumed(self, border: Resume, jump: Jump | None) -> Finding:
        rate, breaks = border.rate, jump is not None or border.is_suspect
        return self.finding(
            severity=Severity.WARNING if breaks else Severity.NOTE,
            reading=resume_reading(border, jump),
            measured=border.facts(jump) | {"sigma_threshold": self.sigmas},
            causes=_causes(border, jump),
            remedies=remedies(RESTORED if breaks else "judge the run together with its beginning"),
            confirm="After the next resume, learning rate and losses go on as before.",
            confidence=Confidence.HIGH if rate is None or rate.restarts else Confidence.MEDIUM,
            epochs=(border.first_epoch, border.first_epoch),
            lines=(border.line_before, border.line),
        )


def _causes(border: Resume, jump: Jump | None) -> tuple[str, ...]:
    lost = "the scheduler's state was not restored"
    other = "the rate was set anew" if border.is_set else "a cut of the rate was planned here"
    found = [lost] if border.is_suspect else [other] if border.rate else []
    if jump is not None:
        up = ("the optimizer's state was not restored", "the weights are of an earlier checkpoint")
        down = ("the sampler starts again with data just seen", "the loss is scaled differently")
        found += up if jump.z > 0 else down
    return tuple(found) or ("the training was stopped and resumed",)
