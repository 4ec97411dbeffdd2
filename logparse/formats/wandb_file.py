"""The local file of Weights & Biases: `run-*.wandb`, written by every run, also offline."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from logparse.readers.framing import BlockedRecords
from logparse.readers.json_values import float_of
from logparse.readers.points.meanings import meaning
from logparse.readers.record_file import RecordFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from logparse.run import Run

MAX_DEPTH = 8
"""Objects in each other beyond this are passed over."""
_STEPS = {"trainer/global_step": "step"}
"""Counts of steps that programs log themselves, under names of their own."""


class WandbReader(RecordFile):
    """Reads history, configuration and the end of a run; the machine's statistics are passed over.

    `line` is the number of a record, from 1. W&B's own `_step` counts calls of `log`; where the
    program logs its own count of steps, that is the step.
    """

    format = "wandb-file"
    about = "the local .wandb file of Weights & Biases: history, configuration, exit code"
    lacks = "no :W&B at the beginning"
    extra = "wandb"
    framing = BlockedRecords

    def __init__(self, source: str) -> None:
        super().__init__(source)
        self._summary: dict[str, float] = {}
        self._logged: set[str] = set()
        self._own_step: float | None = None

    @classmethod
    def begins(cls, head: bytes) -> bool:
        return head.startswith(b":W&B\xe1\xbe")

    @staticmethod
    def decoder() -> Callable[[bytes], Any]:
        from wandb.proto.wandb_internal_pb2 import Record

        parse: Callable[[bytes], Any] = Record.FromString
        return parse

    def so_far(self) -> list[Callable[[], Run]]:
        micro = self._points.facts.micro
        for name, number in self._summary.items():
            if name not in self._logged and not name.startswith("_"):
                micro[f"summary/{name}"] = number
        return super().so_far()

    def take(self, number: int, message: Any) -> bool:
        """Put what a record says of the run into the points."""
        match message.WhichOneof("record_type"):
            case "history":
                return self._history(number, message.history)
            case "run":
                self._run(number, message.run)
            case "config":
                self._config(number, message.config)
            case "summary":
                self._summary |= dict(_numbers(message.summary.update))
            case "exit":
                self._points.facts.micro["exit_code"] = message.exit.exit_code
            case _:
                return False
        return True

    def _history(self, number: int, history: Any) -> bool:
        numbers = {_STEPS.get(name, name): value for name, value in _numbers(history.item)}
        self._logged |= numbers.keys()
        count = numbers.pop("_step", float(history.step.num))
        own = next((name for name in numbers if meaning(name).column == "step"), None)
        if own is not None:
            self._own_step = numbers[own]
        elif any(not name.startswith("_") for name in numbers):
            numbers["step"] = count if self._own_step is None else self._own_step
        else:
            return False
        self._points.add(number, numbers)
        return True

    def _run(self, number: int, run: Any) -> None:
        facts = self._points.facts
        told = {"run_name": run.display_name, "project": run.project}
        facts.micro |= {key: text for key, text in told.items() if text}
        if facts.started is None and 0 < run.start_time.seconds < 1e11:
            facts.started = datetime.fromtimestamp(run.start_time.seconds, UTC)
        self._config(number, run.config)

    def _config(self, number: int, config: Any) -> None:
        for item in config.update:
            for path, value in _leaves(tuple(item.nested_key) or (item.key,), item.value_json):
                if path[0] != "_wandb":
                    raw = value if isinstance(value, str) else json.dumps(value)
                    self._points.setting(number, ".".join(path), raw, value)


def _numbers(items: Iterable[Any]) -> Iterator[tuple[str, float]]:
    """Numbers by name, those in objects as `outer/inner`."""
    for item in items:
        path, text = tuple(item.nested_key) or (item.key,), item.value_json
        try:
            # Most values are bare numbers, which need no parser of JSON.
            yield "/".join(path), float(text)
        except ValueError:
            for inner, value in _leaves(path, text):
                if (number := float_of(value)) is not None:
                    yield "/".join(inner), number


def _leaves(path: tuple[str, ...], text: str) -> Iterator[tuple[tuple[str, ...], object]]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return
    yield from _within(path, value)


def _within(path: tuple[str, ...], value: object) -> Iterator[tuple[tuple[str, ...], object]]:
    """What is in an object, however deep; pictures, tables and histograms have a `_type`."""
    if not isinstance(value, dict):
        yield path, value
    elif "_type" not in value and len(path) < MAX_DEPTH:
        for key, inner in value.items():
            yield from _within((*path, key), inner)
