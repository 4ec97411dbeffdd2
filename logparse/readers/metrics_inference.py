"""The final inference of a metrics document: one example, and the tables made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from logparse.run import Inference

if TYPE_CHECKING:
    from logparse.numerals import Floats
    from logparse.readers.json_places import Cursor


class FinalInference:
    """Takes the part as it comes, so that a text which breaks off keeps what stood before."""

    def __init__(self) -> None:
        self._example: str | None = None
        self._log_probs: Floats | None = None
        self._attention: Floats | None = None

    def take(self, cursor: Cursor) -> None:
        """The object that stands here; tables that are none are lost. Raises BrokenJsonError."""
        for key in cursor.members():
            at = cursor.at
            if key == "example_input":
                value = cursor.value()
                self._example = value if isinstance(value, str) else None
                is_understood = value is None or self._example is not None
            elif key == "log_probs":
                value = cursor.value()
                self._log_probs = _table(value, (2,))
                is_understood = value is None or self._log_probs is not None
            elif key == "attention_weights" and cursor.next == "[":
                self._attention = _layers(cursor)
                is_understood = self._attention is not None
            else:
                is_understood = cursor.value() is None or key != "attention_weights"
            if not is_understood:
                cursor.lose(at, _EXPECTED[key])

    def whole(self) -> Inference | None:
        """What was found, None where nothing was."""
        if self._example is None and self._log_probs is None and self._attention is None:
            return None
        return Inference(self._example or "", self._log_probs, self._attention)


_EXPECTED = {
    "example_input": "a text",
    "log_probs": "rows of numbers, all of one length",
    "attention_weights": "layers of rows of numbers, all of one shape",
}


def _layers(cursor: Cursor) -> Floats | None:
    """Layers are converted one by one: texts of numbers are large, and lists of them larger."""
    layers = [_table(cursor.value(), (2, 3)) for _ in cursor.items(is_one=True)]
    known = [layer for layer in layers if layer is not None]
    if len(known) < len(layers) or len({layer.shape for layer in known}) != 1:
        return None
    stacked = np.stack(known)
    return stacked[:, np.newaxis] if stacked.ndim == 3 else stacked


def _table(value: object, dimensions: tuple[int, ...]) -> Floats | None:
    """Lists in lists as an array with something in it; null is NaN. None for anything else."""
    try:
        found = np.array(value)
        if found.dtype.kind not in "iufO" or found.ndim not in dimensions or not found.size:
            return None
        return found.astype(np.float64)
    except (ValueError, TypeError, OverflowError):
        return None
