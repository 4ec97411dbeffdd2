"""The production log: a trainer's messages as Python's logging writes them, and what it prints."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from logparse.lines import CutLine
from logparse.readers.line_reader import LineReader
from logparse.readers.logging_prefix import prefix
from logparse.readers.production_lines import fields, memory, options, record
from logparse.readers.production_run import FORMAT, ProductionRun
from logparse.scan import Parsed, Rejected

if TYPE_CHECKING:
    from logparse.records import Record
    from logparse.run import Predecessor

_OWN = re.compile(
    r"BATCH [0-9]+/[0-9]+ \| Epoch |Batch [0-9]+/[0-9]+ \| loss=|LOSSES: Train=|"
    r"Epoch [0-9]+/[0-9]+ (?:- production training|complete(?: \[WARMUP [0-9/]+\])? \| train)|"
    r"EPOCH [0-9]+/[0-9]+ COMPLETE|Validation complete \| Epoch "
)


class ProductionLogReader(LineReader[ProductionRun]):
    """Reads a production log, whole or as a console filter has left it."""

    format = FORMAT
    about = "a trainer's messages through Python's logging: batch, epoch, checkpoint, memory lines"
    grammar, starts = "production_log", ("line", "message")
    legend = frozenset({"other"})
    weak = legend | {
        *("options", "rule", "memory", "seed", "device", "planned", "patience", "run_start"),
        *(
            "decoy",
            "test",
            "best_told",
            "checkpoint",
            "stop_count",
            "stopped",
            "failed",
            "no_batches",
        ),
        *("validation_warning", "skipped"),
    }

    def __init__(self, source: str, *, learn: bool = True) -> None:
        super().__init__(source, learn=learn)
        self._stamp = ""

    @classmethod
    def owns(cls, line: str) -> bool:
        return _OWN.search(line) is not None

    def _begun(self, before: Predecessor | None) -> ProductionRun:
        return ProductionRun(before)

    def _parse(self, line: str) -> Parsed | Rejected | None:
        if line.__class__ is CutLine:
            return Rejected(len(line) + 1, "the end of the line, which is too long")
        found = prefix(line)
        if found is None:
            self._stamp, width, start = "", 0, "line"
        else:
            self._stamp, width, start = found["stamp"] or "", found.end(), "message"
        message = line[width:].rstrip()
        if not message:
            return None
        parsed = self._scanner.parse(message, start)
        if isinstance(parsed, Rejected):
            return Rejected(parsed.column + width, parsed.expected)
        if parsed.shape.kind == "memory" and memory(parsed.values[0]) is None:
            return Rejected(width + 1, "a JSON object")
        return parsed

    def _take(self, number: int, parsed: Parsed) -> None:
        kind = parsed.shape.kind
        if kind == "options":
            self._run.take_options(number, *options(parsed))
        elif kind != "other":
            told = fields(parsed)
            if self._run.is_left(kind, told):
                self._next_run()
            self._run.take(number, self._stamp, kind, told)

    def _typed(self, number: int, parsed: Parsed) -> Record:
        return record(number, parsed)
