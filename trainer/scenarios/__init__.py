"""Runs whose truth is known: healthy ones, faults that were put in on purpose, and traps."""

import difflib

from trainer.errors import TrainerError
from trainer.scenarios.faults_around import FAULTS_AROUND
from trainer.scenarios.faults_file import FILE_FAULTS
from trainer.scenarios.faults_training import TRAINING_FAULTS
from trainer.scenarios.healthy import HEALTHY
from trainer.scenarios.scenario import FAMILIES, Scenario
from trainer.scenarios.traps import TRAPS

__all__ = ["FAMILIES", "SCENARIOS", "Scenario", "find"]

SCENARIOS: dict[str, Scenario] = {
    each.name: each for each in (*HEALTHY, *TRAINING_FAULTS, *FAULTS_AROUND, *FILE_FAULTS, *TRAPS)
}


def find(name: str) -> Scenario:
    """The scenario of that name; raises TrainerError with the nearest one."""
    if name in SCENARIOS:
        return SCENARIOS[name]
    near = difflib.get_close_matches(name, SCENARIOS, n=1, cutoff=0.4)
    hint = f", did you mean {near[0]}?" if near else ""
    raise TrainerError(f"unknown scenario {name!r}{hint}; `python -m trainer scenarios` lists all")
