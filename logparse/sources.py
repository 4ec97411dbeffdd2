"""Where bytes come from: files, standard input, compressed or plain, by magic bytes."""

from __future__ import annotations

import bz2
import codecs
import gzip
import lzma
import os
import sys
import zlib
from contextlib import contextmanager
from glob import glob, has_magic, iglob
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, cast

from logparse.errors import MissingExtraError, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

STDIN = "-"
CHUNK_BYTES = 1 << 20

MAX_UNFOLDED_BYTES = 8 << 30
"""A compressed source that unfolds to more is refused."""
SUSPICIOUS_BYTES = 256 << 20
SUSPICIOUS_RATIO = 400
"""Beyond SUSPICIOUS_BYTES a source that unfolds by more than this factor is taken for a bomb:
text logs shrink by 5 to 50, DEFLATE reaches 1032 only on one repeated byte."""

_GZIP, _BZ2, _XZ, _ZSTD = b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd"
MAGIC_BYTES = 6
"""So many bytes at the beginning tell whether a file is compressed."""

_HALF_MARKS = (b"", codecs.BOM_UTF16_LE[:1], codecs.BOM_UTF16_BE[:1])

_BROKEN = (EOFError, OSError, lzma.LZMAError, zlib.error, ValueError)


def read_chunks(path: str | os.PathLike[str]) -> Iterator[bytes]:
    """The unfolded bytes of a file, or of standard input for `-`, about a MiB at a time.

    Raises SourceError, at once or after the bytes that could be read, with one clear line.
    """
    text = Utf8()
    for chunk in unfolded_chunks(path):
        yield text.feed(chunk)
    yield text.end()


def unfolded_chunks(path: str | os.PathLike[str]) -> Iterator[bytes]:
    """As `read_chunks`, but in the encoding of the file."""
    name = os.fspath(path)
    with _opened(name) as raw:
        unfolded = _unfold(raw, name)
        if unfolded is raw:
            yield from _plain_chunks(raw, name)
        else:
            yield from _unfolded_chunks(unfolded, raw, name)


def is_compressed(beginning: bytes) -> bool:
    """True where the first MAGIC_BYTES of a file are those of a format that is unfolded here."""
    return beginning.startswith((_GZIP, _BZ2, _XZ, _ZSTD))


class Utf8:
    """Bytes as they are, but UTF-16 (as Windows PowerShell redirects) as UTF-8, however cut.

    UTF-16 is told by the mark that it begins with.
    """

    def __init__(self) -> None:
        self._held = b""
        self._is_begun = False
        self._utf16: codecs.IncrementalDecoder | None = None

    def feed(self, chunk: bytes) -> bytes:
        """The next bytes as UTF-8; what may be half of a mark or of a character waits."""
        if not self._is_begun:
            chunk = self._held + chunk
            if chunk in _HALF_MARKS:
                self._held = chunk
                return b""
            self._is_begun, self._held = True, b""
            if chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                self._utf16 = codecs.getincrementaldecoder("utf-16")("replace")
        return self._decoded(chunk)

    def end(self) -> bytes:
        """What has waited for a rest that does not come."""
        return self._held or self._decoded(b"", is_last=True)

    def _decoded(self, chunk: bytes, *, is_last: bool = False) -> bytes:
        if self._utf16 is None:
            return chunk
        return self._utf16.decode(chunk, is_last).encode("utf-8", "replace")


def expand(path: str) -> dict[str, bool]:
    """Files that a path stands for, in natural order, each with whether it was itself asked for.

    A file, a match of a glob and `-` are; files found in a directory (walked, hidden ones left
    out) are not. Raises SourceError for a glob that matches nothing.
    """
    if path == STDIN:
        return {path: True}
    if "\0" in path:
        raise SourceError(f"{path}: no file can have this name")
    if os.path.isdir(path):
        return dict.fromkeys(_walk(path), False)
    if not _is_pattern(path):
        return {path: True}
    matches = [match for match in glob(path, recursive=True) if _is_readable_kind(match)]
    matches.sort(key=natural_key)
    if not matches:
        raise SourceError(f"{path}: no file matches")
    found: dict[str, bool] = {}
    for match in matches:
        found |= dict.fromkeys(_walk(match), False) if os.path.isdir(match) else {match: True}
    return found


def stands_for_several(path: str) -> bool:
    """True for a directory, and for a glob that is not the name of a file itself."""
    return path != STDIN and (os.path.isdir(path) or _is_pattern(path))


def without_links(files: dict[str, bool]) -> dict[str, bool]:
    """The files without links to others among them, in the same order."""
    links_first = sorted(files, key=lambda name: not os.path.islink(name))
    kept = {os.path.realpath(name): name for name in links_first}
    return {name: files[name] for name in files if kept[os.path.realpath(name)] == name}


def is_there(path: str) -> bool:
    """True for `-`, for anything on disk, and for a glob that matches something."""
    if path == STDIN or os.path.lexists(path):
        return True
    return has_magic(path) and "\0" not in path and any(True for _ in iglob(path, recursive=True))


def natural_key(path: str) -> list[tuple[int, int, str]]:
    """Sort key under which `run2` comes before `run10`."""
    import re

    parts = re.split(r"([0-9]{1,18})", path)
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]


def _is_pattern(path: str) -> bool:
    return has_magic(path) and not os.path.lexists(path)


def _is_readable_kind(path: str) -> bool:
    """False for pipes, sockets and devices, which may wait for ever and were not asked for."""
    return os.path.isfile(path) or os.path.isdir(path)


def _walk(directory: str) -> list[str]:
    found = []
    for folder, folders, names in os.walk(directory):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [os.path.join(folder, name) for name in names if not name.startswith(".")]
    return sorted((name for name in found if os.path.isfile(name)), key=natural_key)


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    if name == STDIN:
        if sys.stdin is None:
            raise SourceError("-: standard input is closed")
        yield sys.stdin.buffer
        return
    if not name:
        raise SourceError("an empty path names no file")
    if os.path.isdir(name):
        raise SourceError(f"{name}: is a directory")
    try:
        stream = Path(name).open("rb")  # noqa: SIM115  closed below, opened here to tell why not
    except (OSError, ValueError) as error:
        raise SourceError(f"{name}: {reason(error)}") from error
    with stream:
        yield stream


def reason(error: OSError | ValueError) -> str:
    """Why a file could not be had, in words."""
    known = {FileNotFoundError: "no such file", PermissionError: "permission denied"}
    for kind, text in known.items():
        if isinstance(error, kind):
            return text
    return (getattr(error, "strerror", None) or str(error)).lower()


def _unfold(raw: BinaryIO, name: str) -> IO[bytes]:
    try:
        magic = raw.peek(MAGIC_BYTES)[:MAGIC_BYTES]  # type: ignore[attr-defined]
    except OSError as error:
        raise SourceError(f"{name}: {reason(error)}") from error
    if magic.startswith(_GZIP):
        return cast("IO[bytes]", gzip.GzipFile(fileobj=raw))
    if magic.startswith(_BZ2):
        return bz2.BZ2File(raw)
    if magic.startswith(_XZ):
        return lzma.LZMAFile(raw)
    if magic.startswith(_ZSTD):
        return _zstd(raw, name)
    return raw


def _zstd(raw: BinaryIO, name: str) -> IO[bytes]:
    try:
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd
    except ImportError as error:
        raise MissingExtraError(
            f"{name}: reading .zst needs an extra package: pip install 'logdiag[zstd]'"
        ) from error
    return cast("IO[bytes]", zstd.ZstdFile(raw))


def _plain_chunks(raw: BinaryIO, name: str) -> Iterator[bytes]:
    try:
        while chunk := raw.read(CHUNK_BYTES):
            yield chunk
    except OSError as error:
        raise SourceError(f"{name}: {reason(error)}") from error


def _unfolded_chunks(unfolded: IO[bytes], raw: BinaryIO, name: str) -> Iterator[bytes]:
    total = 0
    while True:
        try:
            chunk = unfolded.read1(CHUNK_BYTES)  # type: ignore[attr-defined]
        except _BROKEN as error:
            raise SourceError(
                f"{name}: the compressed data is broken after {total} unfolded bytes ({error})"
            ) from error
        if not chunk:
            return
        total += len(chunk)
        _refuse_bombs(total, raw, name)
        yield chunk


def _refuse_bombs(total: int, raw: BinaryIO, name: str) -> None:
    if total <= SUSPICIOUS_BYTES:
        return
    folded = raw.tell() if raw.seekable() else 0
    if total > MAX_UNFOLDED_BYTES or (folded and total > folded * SUSPICIOUS_RATIO):
        raise SourceError(
            f"{name}: refused: unfolds to more than {total >> 20} MiB from {folded >> 10} KiB read"
        )
