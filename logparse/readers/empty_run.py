"""A run of which nothing is known yet: formats fill in what they tell."""

from __future__ import annotations

from types import MappingProxyType

import pandas as pd

from logparse.frames import EntryTable, FeatureTable
from logparse.run import Coverage, Run
from logparse.settings import Settings


def empty_run(source: str, format: str, index: int = 1, count: int = 1) -> Run:
    """A run without epochs, settings or lines."""
    return Run(
        source=source,
        index=index,
        count=count,
        format=format,
        dialect="",
        started=None,
        epochs=pd.DataFrame({"epoch": [], "line": []}, dtype="int64"),
        parameters=EntryTable().frame(),
        features=FeatureTable().frame(),
        settings=Settings({}, {}, {}),
        baselines=MappingProxyType({}),
        model=MappingProxyType({}),
        batch=MappingProxyType({}),
        optimizer=MappingProxyType({}),
        micro=MappingProxyType({}),
        coverage=Coverage(),
    )
