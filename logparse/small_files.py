"""Files that are read whole, and are small if they are what they should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def read_small(path: Path, *, max_bytes: int) -> bytes:
    """The bytes of a file. Raises ValueError with the reason, for one that is too large as well."""
    try:
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except OSError as error:
        raise ValueError((error.strerror or str(error)).lower()) from error
    if len(data) > max_bytes:
        raise ValueError(f"larger than {max_bytes >> 20} MiB")
    return data


def text_of(data: bytes) -> str:
    """The text of the bytes, without a byte order mark. Raises ValueError if they are no UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"no UTF-8 at byte {error.start}") from error
