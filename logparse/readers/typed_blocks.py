"""Typed records of the lines of an epoch block, one at a time: the readable form of the frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logparse.columns import ColumnTable
from logparse.readers.epoch_lines import plan_epoch, split_zero_count
from logparse.records import EpochLine, FeatureList, ListEntry, ParameterList, Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logparse.scan import Parsed

BLOCK_KINDS = frozenset({"epoch", "parameter_list", "feature_list"})


def block_record(line: int, parsed: Parsed, legend_order: tuple[str, ...]) -> Record:
    """The record of an epoch line, a parameter list or a feature list."""
    if parsed.shape.kind == "epoch":
        return _epoch(line, parsed, legend_order)
    text = parsed.values[0] if parsed.values else ""
    if parsed.shape.kind == "feature_list":
        return FeatureList(line, tuple(_features(text)))
    text, zeros = split_zero_count(text)
    return ParameterList(line, tuple(_entries(text)), zeros)


def _epoch(line: int, parsed: Parsed, legend_order: tuple[str, ...]) -> EpochLine:
    plan = plan_epoch(parsed, legend_order)
    table = ColumnTable()
    table.add(plan.row, parsed.values)
    fields = {name: float(column[0]) for name, column in table.columns().items()}
    inline = parsed.values[plan.list_at] if plan.list_at is not None else None
    return EpochLine(
        line,
        int(parsed.values[0][1:]),
        plan.dialect_of(parsed.values),
        fields,
        tuple(_entries(inline)) if inline is not None else None,
    )


def _entries(text: str) -> Iterator[ListEntry]:
    for entry in text.replace(", ", ",").split(",") if text else ():
        name, _, numbers = entry.partition(":")
        grad_norm, _, ratio = numbers.partition("/")
        yield ListEntry(name, float(grad_norm), float(ratio))


def _features(text: str) -> Iterator[tuple[str, float]]:
    for entry in text.split(",") if text else ():
        name, _, score = entry.rpartition(":")
        yield name, float(score)
