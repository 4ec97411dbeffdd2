"""nanoGPT: what its training script prints."""

from __future__ import annotations

import re

from logparse.readers.pretraining_lines import PretrainingLines

_OWN = re.compile(
    r"iter [0-9]+: loss [-0-9.naif]+, time [0-9.]+ms|"
    r"step [0-9]+: train loss [-0-9.naif]+, val loss [-0-9naif]|"
    r"tokens per iteration will be: [0-9]"
)


class NanogptReader(PretrainingLines):
    """Reads iterations, with the loss of their last batch, and estimates of both losses."""

    format = "nanogpt"
    about = "nanoGPT's printed log: losses by iteration, time of a step, model FLOPs utilisation"
    grammar, starts = "nanogpt", ("line",)
    legends = frozenset(("checkpoint", "tensors", "told", "comment", "cancelled"))
    declared = frozenset(("sizes",))

    @classmethod
    def owns(cls, line: str) -> bool:
        return _OWN.match(line) is not None
