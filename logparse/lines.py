"""Bytes to lines, however the bytes arrive.

Lines end at LF, CRLF or a lone CR (progress bars). A CR at the end of a chunk waits for the next
byte. Decoding follows splitting, so that a cut inside a character cannot matter; bytes that are
not UTF-8 become U+FFFD. Terminal escape sequences are removed.
"""

from __future__ import annotations

import re

MAX_LINE_BYTES = 1 << 20
_STEP = 1 << 18

_ESCAPE = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]"  # CSI
    r"|\][^\x07\x1b\n]*(?:\x07|\x1b\\)?"  # OSC
    r"|[PX^_][^\x1b\n]*(?:\x1b\\)?"  # DCS, SOS, PM, APC
    r"|[@-Z\\-~])"
)


class CutLine(str):
    """The beginning of a line that is longer than the limit; what follows was dropped."""

    __slots__ = ()


class LineAssembler:
    """Makes lines of any sequence of chunks; equal bytes give equal lines however they are cut."""

    def __init__(self, *, max_line_bytes: int = MAX_LINE_BYTES) -> None:
        self._max = max(max_line_bytes, _STEP)
        self._held: list[bytes] = []
        self._held_bytes = 0
        self._is_first = True
        self._pending_cr = False

    def feed(self, chunk: bytes) -> list[str]:
        """The lines that `chunk` completes, without their ends."""
        lines: list[str] = []
        for start in range(0, len(chunk), _STEP):
            lines.extend(self._feed(chunk[start : start + _STEP]))
        return lines

    def close(self) -> list[str]:
        """The last line if it lacks its end: none, or one."""
        ended_by_cr, self._pending_cr = self._pending_cr, False
        return self._lines(b"\n") if self._held or ended_by_cr else []

    def _feed(self, chunk: bytes) -> list[str]:
        if self._pending_cr:
            chunk, self._pending_cr = b"\r" + chunk, False
        if chunk.endswith(b"\r"):
            chunk, self._pending_cr = chunk[:-1], True
        end = max(chunk.rfind(b"\n"), chunk.rfind(b"\r")) + 1
        lines = self._lines(chunk[:end]) if end else []
        self._hold(chunk[end:])
        return lines

    def _hold(self, rest: bytes) -> None:
        room = self._max + 1 - self._held_bytes
        if rest and room > 0:
            self._held.append(rest[:room])
            self._held_bytes += len(self._held[-1])

    def _lines(self, ended: bytes) -> list[str]:
        """Decode whole lines; only the first, which was held, can be longer than the limit."""
        held, self._held, self._held_bytes = b"".join(self._held), [], 0
        raw = held + ended
        first_end = min(at for at in (ended.find(b"\n"), ended.find(b"\r")) if at >= 0)
        lines = self._text(raw).split("\n")[:-1]
        if len(held) + first_end > self._max:
            lines[0] = CutLine(self._text(raw[: self._max]))
        return lines

    def _text(self, raw: bytes) -> str:
        text = raw.decode("utf-8", "replace")
        if self._is_first:
            self._is_first, text = False, text.removeprefix("\ufeff")
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        return _ESCAPE.sub("", text) if "\x1b" in text else text
