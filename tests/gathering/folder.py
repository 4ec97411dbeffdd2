"""What tests of gathering share: who judges, and short forms of what was gathered."""

from __future__ import annotations

import io

from logparse.gathering import Gathered, Item, gather
from logparse.intake import bench

BENCH = bench(["LOG"], (), (), None, "<stdin>")


def gathered(*items: Item, **options: object) -> Gathered:
    return gather(items, BENCH, **options)  # type: ignore[arg-type]


def shape(found: Gathered) -> dict[str, list[str]]:
    return {side.label: [one.name for one in side.entrants] for side in found.sides}


def told(found: Gathered) -> list[str]:
    return [str(error) for error in found.errors]


def stream_of(text: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BufferedReader(io.BytesIO(text.encode())))  # type: ignore[arg-type]
