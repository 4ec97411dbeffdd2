"""trainer_state.json of Hugging Face's Trainer: what was logged, and how far the run came."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from logparse.readers.json_document import JsonDocumentReader
from logparse.readers.json_objects import number_of, unfolded
from logparse.readers.points.meanings import meaning

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from logparse.readers.json_document import JsonDocument, Part
    from logparse.readers.points.table import Points

SETTINGS = (
    "max_steps",
    "num_train_epochs",
    "logging_steps",
    "eval_steps",
    "save_steps",
    "train_batch_size",
    "best_metric",
    "best_global_step",
    "best_model_checkpoint",
    "global_step",
)
"""Keys of the head that are settings, or say how far the run came."""
_BEGINS = re.compile(rb'"log_history"\s*:\s*\[')
_SET = re.compile(r"eval_(?P<set>.+)_(?:runtime|loss)")
_AXES = ("step", "epoch")


class TrainerStateReader(JsonDocumentReader):
    """Reads `log_history`: lines of training, of evaluation, and the summary at the end.

    Of several sets `eval_<set>_loss` is `val_loss/<set>`; where no loss has no set, that of the
    first is `val_loss` too. The summary is no point: its means are of the run as a whole.
    """

    format = "hf-trainer-state"
    about = "Hugging Face Trainer, TRL: losses, rates, gradient norms, evaluations, rewards"
    lacks = "no log_history"

    @classmethod
    def begins(cls, head: bytes) -> bool:
        return _BEGINS.search(head) is not None

    def take(self, document: JsonDocument, points: Points) -> None:
        entries: list[tuple[int, dict[str, float]]] = []
        for part in document.parts():
            line = document.lines.line(part.at)
            if part.is_item and part.path == ("log_history",):
                if (entry := self._entry(part, points)) is not None:
                    entries.append((line, entry))
            elif len(part.path) == 1 and part.path[0] in SETTINGS and part.value is not None:
                value = part.value
                raw = value if isinstance(value, str) else json.dumps(value)
                points.setting(line, part.path[0], raw, value)
        sets = _sets(name for _, entry in entries for name in entry)
        is_plain = any("eval_loss" in entry for _, entry in entries)
        for line, entry in entries:
            points.add(line, _columns(entry, sets, is_plain=is_plain))

    def _entry(self, part: Part, points: Points) -> dict[str, float] | None:
        """The numbers of an entry; None for the summary, which becomes facts, and for no entry."""
        if not isinstance(part.value, dict):
            return None
        numbers = {n: x for n, v in unfolded(part.value).items() if (x := number_of(v)) is not None}
        if "train_runtime" in numbers and "loss" not in numbers:
            summary = {n: x for n, x in numbers.items() if n not in _AXES}
            points.facts.micro.update((f"summary/{name}", x) for name, x in summary.items())
            return None
        return numbers if any(name not in _AXES for name in numbers) else None


def _sets(names: Iterable[str]) -> list[str]:
    """Names of the evaluation sets, in the order of the log."""
    found = dict.fromkeys(names)
    sets = [match["set"] for name in found if (match := _SET.fullmatch(name))]
    both = (
        one
        for one in dict.fromkeys(sets)
        if {f"eval_{one}_runtime", f"eval_{one}_loss"} <= found.keys()
    )
    return [*both]


def _columns(entry: Mapping[str, float], sets: list[str], *, is_plain: bool) -> dict[str, float]:
    columns: dict[str, float] = {}
    for name, number in entry.items():
        own = next((one for one in sets if name.startswith(f"eval_{one}_")), None)
        if own is None:
            columns[name] = number
            continue
        column = meaning(f"val_{name.removeprefix(f'eval_{own}_')}").column
        columns[f"{column}/{own}"] = number
        if own == sets[0] and not is_plain:
            columns[column] = number
    return columns
