"""HYP002 exclusive-options."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Severity
from logparse.rules.base import Clear, NotApplicable, Rule, option, rule
from logparse.rules.edits import changed, remedies
from logparse.rules.option_groups import (
    GROUPS,
    Inert,
    OptionGroup,
    declared_groups,
    has_other_on,
    inert_settings,
    switches,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from logparse.run import Run
    from logparse.signals import Signals


@rule
class ExclusiveOptions(Rule):
    """Options that exclude each other are on together, or one is set that nothing reads.

    What it does: counts the switches that are on in each group of alternatives, and looks for
    changed settings of modules that are switched off.

    Why it matters: a program takes one of two options and says nothing of the other. The model
    that was trained is not the one that the settings describe.

    Test: exact. In a group that the log declares exclusive (a setting named EXCLUSIVE or ONE_OF
    that lists its switches), or that is given as an option, not exactly one is on: an error. In
    a group that is exclusive in other programs (encoders, decoders) more than one is on, and the
    log does not show tensors of each: a note, low. A setting of a switched-off module differs
    from its default, where the defaults are those of a known program: a note.

    False alarms: modules that are stacked on purpose, such as an LSTM under a transformer, are
    recognised where the log names tensors of both. A setting that two modules share.

    Try: switch off all but the one that is meant; take settings that nothing reads out.

    Source: arithmetic; the groups are a judgement.
    """

    code = "HYP002"
    name = "exclusive-options"
    severity = Severity.ERROR
    needs = ()

    exclusive: str = option("", "Switches that exclude each other, with ; between two groups.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        declared = declared_groups(run.settings, self.exclusive)
        groups = [(group, switches(run.settings, group.modules)) for group in GROUPS]
        usual = [(group, own) for group, own in groups if len(own) >= 2]
        if not declared and not usual:
            raise NotApplicable("the log declares no options that could be alternatives")
        for names in declared:
            on = [name for name in names if run.settings[name]]
            if len(on) != 1:
                yield self._excluded(run, on, names)
        for group, own in usual:
            if not any(set(own.values()) <= set(names) for names in declared):
                yield from self._guessed(run, signals, group, own)
        if inert := inert_settings(run.settings):
            yield self._inert(inert, run)

    def _excluded(self, run: Run, on: list[str], names: tuple[str, ...]) -> Finding:
        what = f"{' and '.join(on)} are on" if on else "None is on"
        return self.finding(
            reading=f"{what}, of {len(names)} options of which the log wants exactly one.",
            measured={"on": ", ".join(on) or "none", "of": ", ".join(names), "count": len(on)},
            causes=("an older switch was left on",) if on else ("the switch was forgotten",),
            remedies=remedies(*(changed(run, name, False) for name in on[1:]))
            or (f"switch on one of {', '.join(names)}",),
            confirm="Exactly one of them is on.",
            confidence=Confidence.HIGH,
            lines=tuple(run.settings.lines.get(name, 1) for name in on or names),
        )

    def _guessed(
        self, run: Run, signals: Signals, group: OptionGroup, own: Mapping[str, str]
    ) -> Iterator[Finding | Clear]:
        on = {key: name for key, name in own.items() if run.settings[name]}
        unseen = [on[key] for key in on if not group.shows(key, signals.consistency.tensor_names)]
        names = " and ".join(on.values())
        if len(on) >= 2 and not unseen:
            yield Clear(f"{names} are stacked: the log shows tensors of each")
        elif len(on) >= 2:
            yield self.finding(
                severity=Severity.NOTE,
                reading=f"{names} are on together; other programs use one of these {group.what}.",
                measured={"on": ", ".join(on.values()), "without_tensors": ", ".join(unseen)},
                causes=("the program ignores all but one", "they are stacked on purpose"),
                remedies=remedies(*(changed(run, name, False) for name in unseen)),
                confirm="The log shows tensors of every module that is on.",
                confidence=Confidence.LOW,
                lines=tuple(run.settings.lines.get(name, 1) for name in on.values()),
            )

    def _inert(self, inert: tuple[Inert, ...], run: Run) -> Finding:
        said = [f"{f.key} {run.settings.raw[f.key]} (default {f.default})" for f in inert]
        names = ", ".join(found.key for found in inert)
        off = list(dict.fromkeys(found.switch for found in inert))
        return self.finding(
            severity=Severity.NOTE,
            reading=f"Changed without effect, as its module is switched off: {', '.join(said)}.",
            measured={"changed": ", ".join(said), "switched_off": ", ".join(off)},
            causes=("settings of another experiment", "a module was switched off by mistake"),
            remedies=(
                f"take {names} out",
                *(changed(run, name, True) for name in off if not has_other_on(name, run.settings)),
            ),
            confirm="Every changed setting belongs to a module that is on.",
            confidence=Confidence.HIGH,
            lines=tuple(run.settings.lines[found.key] for found in inert),
        )
