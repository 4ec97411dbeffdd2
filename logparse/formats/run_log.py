"""The run log: many runs in one file, eight dialects, trimmed and torn by hand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from logparse.lines import CutLine
from logparse.readers.header_lines import header_record
from logparse.readers.line_reader import LineReader
from logparse.readers.run_builder import RunBuilder
from logparse.readers.typed_blocks import BLOCK_KINDS, block_record
from logparse.records import BlockTitle, Record, RunStart, Separator
from logparse.scan import Parsed, Rejected

if TYPE_CHECKING:
    from logparse.run import Predecessor

GRAMMAR = "run_log"
STARTS = ("line", "block", "indented", "legend")
TABLES = ("parameters", "spaced_parameters", "features")

_CONTEXT_AFTER = {"block_title": "block", "legend_title": "legend"}
_OWN = re.compile(
    r"RUN START: |BASELINES:$|HYPERPARAMS:$|E[0-9]{2,9} \| |G/U=|TOP_K\(G/U\)=|DEBUG_OPT |"
    r"MICRODETAIL ms:|MODEL_STATIC: |BATCH_SHAPE B="
)


class RunLogReader(LineReader[RunBuilder]):
    """Reads the run log; `learn=False` leaves every line to Lark (the reference, and slower)."""

    format = "run-log"
    about = "epoch blocks under RUN START, with settings, gradient norms and ratios by parameter"
    grammar, starts, tables = GRAMMAR, STARTS, TABLES
    legend = frozenset({"legend", "legend_title"})
    weak = legend | {"setting", "note", "separator"}

    def __init__(self, source: str, *, learn: bool = True) -> None:
        super().__init__(source, learn=learn)
        self._context = "indented"

    @classmethod
    def owns(cls, line: str) -> bool:
        return _OWN.match(line) is not None

    def _begun(self, before: Predecessor | None) -> RunBuilder:
        return RunBuilder(before)

    def _parse(self, line: str) -> Parsed | Rejected | None:
        if not line or line.isspace():
            self._context = "indented"
            return None
        if line.__class__ is CutLine:
            return Rejected(len(line) + 1, "the end of the line, which is too long")
        first = line[0]
        if first == " " or first == "\t":
            return self._scanner.parse(line, self._context)
        if first == "#":
            return self._scanner.parse(line, "legend")
        parsed = self._scanner.parse(line, "line")
        kind = parsed.shape.kind if isinstance(parsed, Parsed) else ""
        self._context = _CONTEXT_AFTER.get(kind, "indented")
        return parsed

    def _typed(self, number: int, parsed: Parsed) -> Record:
        if parsed.shape.kind in BLOCK_KINDS:
            return block_record(number, parsed, self._run.legend_order)
        return header_record(number, parsed)

    def _take(self, number: int, parsed: Parsed) -> None:
        kind = parsed.shape.kind
        if kind == "epoch":
            self._take_epoch(number, parsed)
        elif kind == "parameter_list":
            self._run.add_list(number, parsed.values[0] if parsed.values else "")
        elif kind == "feature_list":
            self._run.add_features(number, parsed.values[0] if parsed.values else "")
        else:
            self._take_header(header_record(number, parsed))

    def _take_epoch(self, number: int, parsed: Parsed) -> None:
        epoch = int(parsed.values[0][1:])
        if self._run.last_epoch is not None and epoch <= self._run.last_epoch:
            self._next_run()
        self._run.add_epoch(number, epoch, parsed)

    def _take_header(self, record: Record) -> None:
        if self._begins_run(record):
            self._next_run()
        if isinstance(record, BlockTitle):
            self._run.titles.add(record.title)
        self._run.add(record)

    def _begins_run(self, record: Record) -> bool:
        if not self._run.is_run:
            return False
        match record:
            case Separator() | RunStart():
                return True
            case BlockTitle(title=title):
                return self._run.last_epoch is not None or title in self._run.titles
            case _:
                return False
