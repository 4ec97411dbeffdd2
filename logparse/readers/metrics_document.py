"""One metrics document: its facts, each with its line, as far as it can be read."""

from __future__ import annotations

import re
from datetime import UTC
from functools import partial
from typing import TYPE_CHECKING

from logparse.readers.json_places import BrokenJsonError, Cursor, Lines
from logparse.readers.metrics_epochs import EpochEntries
from logparse.readers.metrics_inference import FinalInference
from logparse.readers.tally import Tally
from logparse.readers.values import utc_stamp
from logparse.records import Record, RunStart, Setting, Snapshot
from logparse.run import Truncation

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_FAULTS = 1000
"""So often reading is taken up again behind a fault; what follows the last one is unparsed."""
DEEPEST_SETTING = 3
"""So many objects in each other are unfolded to settings, as `encoder.attention.width`."""
_RESUMES = re.compile(
    r'(?P<entry>\{\s*"epoch"\s*:)|"(?:epochs|final_results|final_inference)"\s*:\s*[\[{]'
)
"""Where reading is taken up again: at an epoch, or at a part of the document."""


class MetricsDocument:
    """What the text of a document says. Raises nothing: what is not understood is unparsed.

    facts       the texts of `task` and `device`
    truncation  set where the text ends before the document does

    Behind a fault reading goes on at the next epoch, or at the next part.
    """

    def __init__(self, text: str) -> None:
        self.start: RunStart | None = None
        self.facts: dict[str, str] = {}
        self.settings: dict[str, Setting] = {}
        self.entries = EpochEntries()
        self.final: Snapshot | None = None
        self.truncation: Truncation | None = None
        self._inference = FinalInference()
        self._cursor, self._lines = Cursor(text), Lines(text)
        self._read()
        self.inference = self._inference.whole()
        self.tally = self._counted()

    @property
    def is_run(self) -> bool:
        """False for a text that tells nothing of a training."""
        return bool(self.settings or self.start or self.entries.records or self.inference)

    def records(self) -> list[Record]:
        """All facts as typed records, in the order of their lines."""
        found: list[Record] = [*self.settings.values(), *self.entries.records]
        found += [record for record in (self.start, self.final) if record is not None]
        return sorted([*found, *self.tally.unparsed], key=lambda record: record.line)

    def _read(self) -> None:
        cursor = self._cursor
        step: Callable[[], None] = self._parts
        for _ in range(MOST_FAULTS):
            try:
                step()
                break
            except BrokenJsonError as fault:
                found = _RESUMES.search(cursor.text, cursor.known + 1)
                cursor.at = found.start() if found else len(cursor.text)
                cursor.lose(cursor.known, fault.expected, at=fault.at)
                if found is None:
                    self._note_cut(fault)
                    return
                step = self._more_epochs if found["entry"] else self._more_parts
        if cursor.next:
            start, cursor.at = cursor.at, len(cursor.text)
            cursor.lose(start, "the end of the document")

    def _note_cut(self, fault: BrokenJsonError) -> None:
        """A text that ends with a last brace was written to its end, and damaged later."""
        text = self._cursor.text.rstrip()
        if fault.at >= len(text) or not text.endswith("}"):
            end = len(text) - 1
            missing = f"what follows column {self._lines.column(end)}"
            self.truncation = Truncation(self._lines.line(end), self.entries.open_epoch, missing)

    def _parts(self, *, is_entered: bool = False) -> None:
        readers: dict[str, Callable[[], object]] = {
            "metadata": self._metadata,
            "epochs": self._epochs,
            "final_results": self._final_results,
            "final_inference": partial(self._inference.take, self._cursor),
        }
        for key in self._cursor.members(is_entered=is_entered):
            read: Callable[[], object] = readers.get(key) or self._cursor.value
            read()

    def _more_parts(self) -> None:
        self._parts(is_entered=True)

    def _epochs(self, *, is_entered: bool = False) -> None:
        for _ in self._cursor.items(is_entered=is_entered):
            self.entries.take(self._cursor, self._lines)

    def _more_epochs(self) -> None:
        self._epochs(is_entered=True)
        if self._cursor.goes_on("}"):
            self._more_parts()

    def _metadata(self) -> None:
        cursor = self._cursor
        for key in cursor.members():
            if key == "hyperparameters":
                for section in cursor.members():
                    self._hyperparameters(section)
            elif key == "timestamp":
                self._timestamp()
            elif key in ("task", "device"):
                self._fact(key)
            else:
                self._setting(key, key)

    def _fact(self, key: str) -> None:
        at, value = self._cursor.at, self._cursor.value()
        if isinstance(value, str):
            self.facts[key] = value
        elif value is not None:
            self._cursor.lose(at, "a text")

    def _timestamp(self) -> None:
        at, value = self._cursor.at, self._cursor.value()
        stamp = utc_stamp(value) if isinstance(value, str) else None
        if stamp is not None:
            stamp = stamp.replace(tzinfo=stamp.tzinfo or UTC).astimezone(UTC)
            self.start = RunStart(self._lines.line(at), stamp, value)
        elif value is not None:
            self._cursor.lose(at, "an ISO 8601 time")

    def _hyperparameters(self, section: str) -> None:
        if self._cursor.next != "{":
            self._setting(section, section)
            return
        for key in self._cursor.members():
            self._setting(key, f"{section}.{key}")

    def _setting(self, key: str, full_name: str) -> None:
        """A value under its key, or objects unfolded; a key that is taken gets its full name."""
        cursor = self._cursor
        if cursor.next == "{" and key.count(".") < DEEPEST_SETTING:
            for inner in cursor.members():
                self._setting(f"{key}.{inner}", f"{full_name}.{inner}")
            return
        at, value = cursor.at, cursor.value()
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        raw = cursor.text[at : cursor.at] if is_number else str(value)
        name = full_name if key in self.settings else key
        self.settings[name] = Setting(self._lines.line(at), name, raw, value)

    def _final_results(self) -> None:
        line, values = self._lines.line(self._cursor.at), {}
        for key in self._cursor.members():
            values[key] = self._cursor.value()
        self.final = Snapshot(line, "final_results", values)

    def _counted(self) -> Tally:
        """Every line that holds something that was not understood is unparsed, but blank ones."""
        tally, lines = Tally(), self._lines
        for broken in lines.unparsed(self._cursor.lost):
            tally.unparsed_line(broken)
        tally.blank = lines.blank
        unparsed = sum(end - start + 1 for start, end in tally.ranges)
        tally.parsed = lines.count - tally.blank - unparsed
        return tally
