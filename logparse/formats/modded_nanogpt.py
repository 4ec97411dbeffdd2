"""modded-nanogpt: a log that begins with the source of the program that wrote it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from logparse.readers.pretraining_lines import PretrainingLines

if TYPE_CHECKING:
    from logparse.scan import Parsed, Rejected

_OWN = re.compile(
    r"step:[0-9]+/[0-9]+ (?:(?:train|val)_loss:[-0-9naif]|train_time:[0-9]+ms step_avg:)"
)
_BEGINS_SOURCE = re.compile(r'(?:import|from) [A-Za-z_][\w.]*|with open\(sys\.argv|"""|#')


class ModdedNanogptReader(PretrainingLines):
    """Reads steps; the average time of a step has no value at first, which is no fault.

    The source goes on to the first rule of equals signs, and stands again above a further run.
    """

    format = "modded-nanogpt"
    about = "modded-nanogpt's log, below its own source: losses by step, training time"
    grammar = "modded_nanogpt"
    legends = frozenset(("rule", "smi", "date", "told", "cancelled", "source"))
    neutral = frozenset(("smi", "date", "told", "cancelled", "source"))

    @classmethod
    def owns(cls, line: str) -> bool:
        return _OWN.match(line) is not None

    def parse(self, line: str) -> Parsed | Rejected:
        if self._is_prose and line[:1].isspace():
            # Most lines of the source: no need to have them rejected first.
            return self._scanner.parse(line.rstrip(), "prose")
        return super().parse(line)

    def goes_on(self, text: str) -> bool:
        self._is_prose = self._is_prose or _BEGINS_SOURCE.match(text) is not None
        return self._is_prose
