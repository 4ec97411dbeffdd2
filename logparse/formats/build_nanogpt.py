"""build-nanogpt: what its training script prints, and the log.txt that it writes."""

from __future__ import annotations

import re

from logparse.readers.pretraining_lines import PretrainingLines

_OWN = re.compile(
    r"step *[0-9]+(?: \| |, )loss: [-0-9.naif]+(?: \| |, )(?:lr:? |norm: |dt: )|"
    r"[0-9]+ (?:train|val) [0-9]+\.[0-9]{4,6}$|HellaSwag accuracy: [0-9]+/[0-9]+=0\.[0-9]"
)


class BuildNanogptReader(PretrainingLines):
    """Reads both; an evaluation is printed before the step that it was made at."""

    format = "build-nanogpt"
    about = "build-nanogpt's log.txt and printed log: losses by step, HellaSwag accuracy, speed"
    grammar = "build_nanogpt"
    legends = frozenset(("sample", "text", "tensors", "told", "cancelled"))
    evaluations = frozenset(("val", "hella"))
    declared = frozenset(("sizes",))
    beginnings = frozenset(("sizes",))
    openings = frozenset(("sample", "text"))
    neutral = frozenset(("told",))

    @classmethod
    def owns(cls, line: str) -> bool:
        return _OWN.match(line) is not None
