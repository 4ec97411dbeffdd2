"""llm.c: what its training programs print, and the main.log that they write."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from logparse.readers.pretraining_lines import PretrainingLines

if TYPE_CHECKING:
    from logparse.scan import Parsed

_OWN = re.compile(
    r"step +[0-9]+/[0-9]+ \| (?:train )?loss +[-0-9.naif]+ ?(?:\(|\|)|"
    r"step +[0-9]+(?:/[0-9]+)?: train loss [-0-9.naif]+ \(|"
    r"s:[0-9]+ (?:trl|tel):[-0-9naif]|evaluating HellaSwag: [0-9]+/[0-9]+|"
    r"\| train data pattern +\| "
)
_KEYS = {
    "learning rate (LR)": "learning_rate",
    "LR scheduler": "scheduler",
    "warmup iterations": "warmup_steps",
    "weight decay": "weight_decay",
    "micro batch size B": "batch_size",
    "total batch size": "total_batch_size",
    "sequence length T": "sequence_length",
    "max_steps": "max_steps_asked",
    "train_num_batches": "max_steps",
}


class LlmcReader(PretrainingLines):
    """Reads both; steps are counted from 1, and an evaluation follows the step it was made after.

    In main.log steps are counted from 0, and evaluations go by the steps that were made.
    """

    format = "llmc"
    about = "llm.c's printed log and main.log: losses by step, gradient norm, speed, HellaSwag"
    grammar = "llmc"
    legends = frozenset(
        ("head", "ruled", "generating", "dashes", "progress", "told", "cancelled", "text")
    )
    evaluations = frozenset(("val", "hella"))
    openings = frozenset(("generating", "text"))
    neutral = frozenset(("dashes",))
    beginnings = frozenset(("head",))
    ahead = 1

    @classmethod
    def owns(cls, line: str) -> bool:
        return _OWN.match(line) is not None

    def values(self, parsed: Parsed) -> dict[str, str]:
        told = super().values(parsed)
        if "key" in told:
            told["key"] = _KEYS.get(told["key"], told["key"])
        return told
