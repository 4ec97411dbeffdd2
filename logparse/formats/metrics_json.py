"""The metrics JSON: one document a run, written anew as a whole after every epoch."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from logparse.errors import NotALogError
from logparse.readers.base import HEAD_BYTES, Reader
from logparse.readers.empty_run import empty_run
from logparse.readers.json_places import MAX_BYTES, Lines, text_of
from logparse.readers.metrics_document import MetricsDocument
from logparse.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from logparse.records import Record
    from logparse.run import Run

_BEGINS = re.compile(
    rb'"hyperparameters"\s*:\s*\{\s*"(?:model|training)"\s*:|"epochs"\s*:\s*\[\s*\{\s*"'
)


class MetricsJsonReader(Reader):
    """Reads one document, also one that breaks off in the middle; its run is the only one."""

    format = "metrics-json"
    about = "one JSON document a run, written anew each epoch: metadata, epochs, final results"
    is_json = True
    lacks = "no epochs of metrics"

    def __init__(self, source: str) -> None:
        self._source = source
        self._held = bytearray()
        self._document: MetricsDocument | None = None

    @classmethod
    def begins(cls, head: bytes) -> bool:
        return _BEGINS.search(head) is not None

    @property
    def recognised(self) -> int:
        if self._document is not None:
            return max(self._document.tally.parsed, 1) if self._document.is_run else 0
        return int(self.begins(bytes(self._held[:HEAD_BYTES])))

    @property
    def seen(self) -> int:
        lines = Lines(text_of(self._held))
        return lines.count - lines.blank

    @property
    def is_rewritten(self) -> bool:
        return True

    @property
    def is_full(self) -> bool:
        return len(self._held) > MAX_BYTES

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the document, however they are cut."""
        self._held += chunk[: MAX_BYTES + 1 - len(self._held)]

    def close(self) -> list[Callable[[], Run]]:
        """What builds the run; raises NotALogError for a document that is too large."""
        if self.is_full:
            told = f"larger than {MAX_BYTES >> 20} MiB, and a metrics document is read whole"
            raise NotALogError(f"{self._source}: {told}")
        self._document = document = MetricsDocument(text_of(self._held))
        return [partial(_run, self._source, document)] if document.is_run else []

    def so_far(self) -> list[Callable[[], Run]]:
        """What builds the run of the document as far as it goes; nothing where it is too large."""
        document = MetricsDocument("" if self.is_full else text_of(self._held))
        return [partial(_run, self._source, document)] if document.is_run else []

    def records(self, lines: Iterable[str]) -> Iterator[Record]:
        """Typed records of the document; lines that were understood and tell nothing have none."""
        yield from MetricsDocument("\n".join(lines)).records()


def _run(source: str, document: MetricsDocument) -> Run:
    facts, entries = document.facts, document.entries
    micro: dict[str, object] = {"env": {"device": facts["device"]}} if "device" in facts else {}
    if document.final is not None:
        micro |= {f"final_results/{key}": value for key, value in document.final.values.items()}
    return replace(
        empty_run(source, MetricsJsonReader.format),
        started=document.start.stamp if document.start else None,
        start_text=document.start.raw if document.start else "",
        epochs=entries.frame(),
        settings=Settings.of(document.settings),
        model=MappingProxyType({"task": facts["task"]} if "task" in facts else {}),
        micro=MappingProxyType(micro),
        coverage=document.tally.coverage(),
        resolution=MappingProxyType(entries.resolution()),
        nonfinite=MappingProxyType(
            {name: np.array(epochs, dtype=np.int64) for name, epochs in entries.nonfinite.items()}
        ),
        unparsed=tuple(document.tally.unparsed),
        truncation=document.truncation,
        inference=document.inference,
    )
