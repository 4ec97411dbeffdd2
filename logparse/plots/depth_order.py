"""The order in which parameters stand in a table: by depth, as far as names and the log tell it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from logparse.signals.gradients.depth import integers, stem_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_INPUT_SIDE = frozenset(
    [
        *("embed", "embedding", "embeddings", "wte", "wpe", "tok"),
        *("input", "inputs", "stem", "patch", "feature", "features", "ln_proj"),
    ]
)
_OUTPUT_SIDE = frozenset(["decoder", "head", "heads", "output", "outputs", "classifier", "logits"])
"""What modules next to the data and next to the loss are usually called, and in run logs."""


def by_depth(names: Sequence[str], *, keep_order: bool) -> list[int]:
    """Indices of the names, shallow first.

    Names of one stack (`layers.0`, `layers.1`) go by their integers, as in the depth profile.
    Stacks keep the order of the log where that means something; else those that are called like
    an input stand first and those called like an output last, and equals go by the alphabet.
    """
    seen = {stem: at for at, stem in reversed([*enumerate(map(stem_of, names))])}

    def place(at: int) -> tuple[int, str, tuple[int, ...], int, str]:
        name, stem = names[at], stem_of(names[at])
        if keep_order:
            return seen[stem], "", integers(name), at, ""
        return _side(stem), stem.casefold(), integers(name), 0, name.casefold()

    return sorted(range(len(names)), key=place)


def _side(stem: str) -> int:
    words = {*re.findall(r"[a-z]+", stem.casefold()), *re.findall(r"[a-z_]+", stem.casefold())}
    return int(bool(words & _OUTPUT_SIDE)) - int(bool(words & _INPUT_SIDE))
