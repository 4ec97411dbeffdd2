"""Files of binary records: where each record ends, in the two framings that loggers use."""

from __future__ import annotations

import struct
import zlib
from abc import ABC, abstractmethod
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_RECORD_BYTES = 64 << 20
"""Larger records are passed over without being held: numbers need no such room."""


class Framing(ABC):
    """Cuts bytes into records as they come; holds no more than the record that is not whole."""

    def __init__(self) -> None:
        self._held = bytearray()

    @abstractmethod
    def feed(self, chunk: bytes) -> Iterator[bytes | None]:
        """The records that `chunk` completes; None for one that is damaged or too large."""

    @property
    def missing(self) -> str:
        """What a file that ends here lacks, '' where it ends with a whole record."""
        return "the rest of the record" if self._held else ""


class TFRecords(Framing):
    """TensorFlow's framing, little-endian: length u64, masked CRC-32C of it, data, CRC of data.

    The first length that is not the one its CRC was made of ends the reading: nothing tells
    where the next record would begin.
    """

    def __init__(self) -> None:
        super().__init__()
        self._passed_over = 0
        self._is_lost = False

    def feed(self, chunk: bytes) -> Iterator[bytes | None]:
        if self._is_lost:
            return
        held = self._held
        held += chunk
        at = min(self._passed_over, len(held))
        self._passed_over -= at
        size = len(held)
        while size - at >= 12:
            length = _length(bytes(held[at : at + 12]))
            if length < 0:
                yield None
                self._is_lost, at = True, size
                break
            end = at + 16 + length
            if length > MAX_RECORD_BYTES:
                yield None
                self._passed_over = max(end - size, 0)
            elif end > size:
                break
            else:
                yield bytes(held[at + 12 : end - 4])
            at = min(end, size)
        del held[:at]

    @property
    def missing(self) -> str:
        return super().missing or ("the rest of the record" if self._passed_over else "")


class BlockedRecords(Framing):
    """LevelDB's framing under a W&B header: blocks of 32 KiB, of which no record piece leaves one.

    A piece is its CRC-32 u32, its length u16 and its type u8 (whole, first, middle, last), then
    data, little-endian. After a damaged piece the next block is the next to be read.
    """

    HEADER = 7
    BLOCK = 1 << 15
    _WHOLE, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4

    def __init__(self) -> None:
        super().__init__()
        self._position = 0
        self._passed_over = self.HEADER
        self._pieces: list[bytes] = []

    def feed(self, chunk: bytes) -> Iterator[bytes | None]:
        held = self._held
        held += chunk
        at = 0
        while True:
            step = min(self._passed_over, len(held) - at)
            at, self._passed_over = at + step, self._passed_over - step
            self._position += step
            room = self.BLOCK - self._position % self.BLOCK
            if self._passed_over or len(held) - at < min(room, 7):
                break
            crc, length, kind = struct.unpack_from("<IHB", held, at) if room >= 7 else (0, 0, 0)
            if not crc and not length and not kind:
                self._passed_over = room
                continue
            if length + 7 <= room and len(held) - at < length + 7:
                break
            piece = bytes(held[at + 7 : at + 7 + length])
            if length + 7 > room or zlib.crc32(piece, zlib.crc32(bytes([kind]))) != crc:
                self._pieces, self._passed_over = [], room
                yield None
                continue
            self._passed_over = length + 7
            if record := self._joined(kind, piece):
                yield record
        del held[:at]

    @property
    def missing(self) -> str:
        return super().missing or ("the rest of the record" if self._pieces else "")

    def _joined(self, kind: int, piece: bytes) -> bytes | None:
        """The record that a piece ends; None where more of it follows, or its beginning is lost."""
        if kind in (self._WHOLE, self._FIRST):
            self._pieces = []
        elif not self._pieces:
            return None
        self._pieces.append(piece)
        if kind not in (self._WHOLE, self._LAST):
            return None
        record, self._pieces = b"".join(self._pieces), []
        return record


def _crc_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return tuple(table)


_CASTAGNOLI = _crc_table()


@lru_cache(maxsize=4096)
def _length(head: bytes) -> int:
    """The length of the data after a head of 12 bytes; -1 where its CRC is of another."""
    length = head[:8]
    return int.from_bytes(length, "little") if masked_crc(length) == head[8:] else -1


def masked_crc(data: bytes) -> bytes:
    """CRC-32C of a few bytes as TensorFlow stores it: rotated, moved, little-endian."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ _CASTAGNOLI[(crc ^ byte) & 0xFF]
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8 & 0xFFFFFFFF).to_bytes(4, "little")
