"""REP001 unrecorded-essentials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.findings import Confidence, Finding, Severity
from logparse.rules.base import Clear, NotApplicable, Rule, option, rule
from logparse.rules.edits import remedies
from logparse.rules.essentials import HOW, prereleases, recorded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.run import Run
    from logparse.signals import Signals


@rule
class UnrecordedEssentials(Rule):
    """The log lacks what it takes to repeat the run.

    What it does: looks for the random seed, the versions of the libraries, the device, the
    settings, the commit of the code and an identity of the data, and for versions that are
    pre-releases.

    Why it matters: runs of the same settings differ by their seed, their code and their data.
    Without those a difference between two runs cannot be told from chance.

    Test: exact. The header lacks one of seed, versions, device and settings, or a library is a
    development build or a pre-release. Commit and data are named where they are missing too,
    but do not make a finding by themselves: hardly any log has them.

    False alarms: what the log leaves out may be recorded elsewhere, in a configuration file or
    an experiment tracker. A run without a header is not judged: its log was cut.

    Try: print them once, before the first epoch.

    Source: TP.
    """

    code = "REP001"
    name = "unrecorded-essentials"
    severity = Severity.NOTE
    min_epochs = 1

    required: str = option("seed versions device settings", "What a log must record.")

    def check(self, run: Run, signals: Signals) -> Iterator[Finding | Clear]:
        if run.started is None and not run.settings and not run.micro:
            raise NotApplicable("the header of the run is not in the log")
        there = recorded(run)
        missing = [name for name in HOW if name not in there]
        builds = prereleases(run)
        if not builds and not set(missing) & set(self.required.replace(",", " ").split()):
            without = f", but no {' and no '.join(missing)}" if missing else ""
            yield Clear(f"{', '.join(there)} are recorded{without}")
            return
        told = (f"no {', no '.join(missing)}" if missing else "", ", ".join(builds))
        yield self.finding(
            reading="The run cannot be repeated from its log alone: "
            f"{'; '.join(word for word in told if word)}.",
            measured={
                "missing": ", ".join(missing) or "nothing",
                "recorded": ", ".join(there) or "nothing",
                "prereleases": ", ".join(builds) or "none",
            },
            causes=("the program prints them elsewhere, or not at all",),
            remedies=remedies(
                *(HOW[name] for name in missing),
                "train on a released version, or keep the image that holds this one"
                if builds
                else None,
            ),
            confirm="A second run from the log alone gives the same first epoch.",
            confidence=Confidence.HIGH,
        )
