"""Whole lines of a table to columns of numbers at once, by the C reader of pandas."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from logparse.lines import MAX_LINE_BYTES
from logparse.readers.cells import ABSENT, NAN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from logparse.numerals import Floats

    Bytes: TypeAlias = NDArray[np.uint8]
    Ints: TypeAlias = NDArray[np.int64]
    Mask: TypeAlias = NDArray[np.bool_]

_NEWLINE = 10
_ODD = b'"#\r\x1b\0'
"""Bytes that keep a line from being read in bulk."""
_QUOTED = {
    separator: re.compile(rb'(?<![^%b\n])"([^"%b\n]*)"(?![^%b\n])' % ((separator.encode(),) * 3))
    for separator in ",;\t|"
}


def plain(data: bytes, separator: str) -> bytes:
    """Lines with LF as their end, without quotes around cells that need none."""
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n")
    if b'"' not in data:
        return data
    if _is_each_quoted(data, separator):
        return data.translate(None, b'"')
    return _QUOTED[separator].sub(rb"\1", data)


def _is_each_quoted(data: bytes, separator: str) -> bool:
    """True where every cell is in quotes and holds neither a quote nor a separator."""
    lines, part = data.count(b"\n"), separator.encode()
    inner = data.count(b'"%b"' % part)
    return (
        data.startswith(b'"')
        and data.endswith(b'"\n')
        and data.count(b'"\n"') == lines - 1
        and data.count(b'"') == 2 * (inner + lines)
        and data.count(part) == inner
    )


def is_even(data: bytes, separator: str, cells: int) -> bool:
    """True where lines have the right number of cells on average, and nothing odd in them.

    That no line after the first has too many is for the C reader to tell.
    """
    if _has_odd(data):
        return False
    first = data.count(separator.encode(), 0, data.find(b"\n"))
    seen = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero(seen == _NEWLINE)
    if np.diff(ends, prepend=-1).max() > MAX_LINE_BYTES:
        return False
    return first == cells - 1 and np.count_nonzero(seen == ord(separator)) == len(ends) * first


def clean_parts(data: bytes, separator: str, cells: int) -> Iterator[tuple[bytes, bool]]:
    """The lines in order, in stretches that are of the same kind.

    True for those that have the right number of cells and nothing out of the ordinary; what
    their cells hold was not looked at.
    """
    seen = np.frombuffer(data, dtype=np.uint8)
    is_end = seen == _NEWLINE
    marks = np.flatnonzero(is_end | (seen == ord(separator)))
    if len(data) <= MAX_LINE_BYTES and not len(marks) % cells and not _has_odd(data):
        ends_as_due = is_end[marks].reshape(-1, cells)
        if ends_as_due[:, -1].all() and not ends_as_due[:, :-1].any():
            yield data, True
            return
    ends = np.flatnonzero(is_end)
    starts = np.concatenate([[0], ends[:-1] + 1])
    is_clean = np.diff(np.searchsorted(marks, ends), prepend=-1) == cells
    is_clean &= ends - starts <= MAX_LINE_BYTES
    for byte in _ODD:
        is_clean[np.searchsorted(ends, np.flatnonzero(seen == byte))] = False
    changes = np.flatnonzero(np.diff(is_clean)) + 1
    for first, stop in zip([0, *changes], [*changes, len(ends)], strict=True):
        yield data[starts[first] : ends[stop - 1] + 1], bool(is_clean[first])


def numbers_in(
    data: bytes, separator: str, cells: int, wanted: Sequence[int]
) -> tuple[list[Floats], list[Mask]] | None:
    """The wanted columns of clean lines, all columns of even ones; where each has NaN printed.

    None where a cell is neither a number nor blank, or where a line holds no number.
    """
    if separator == ";" and b"," in data:
        data = data.replace(b",", b".")
    try:
        frame = pd.read_csv(
            BytesIO(data),
            sep=separator,
            header=None,
            names=range(cells),
            index_col=False,
            usecols=list(wanted) if len(wanted) < cells else None,
            dtype=np.float64,
            keep_default_na=False,
            na_values=[*ABSENT, *NAN],
            skipinitialspace=b" " in data,
            skip_blank_lines=False,
            quoting=3,
            low_memory=False,
            encoding_errors="replace",
        )
    except ValueError:
        return None
    columns = [frame[at].to_numpy() for at in wanted]
    masks = _printed_nan(data, separator, cells, wanted, columns)
    filled = np.zeros(len(frame), dtype=bool)
    for column, mask in zip(columns, masks, strict=True):
        filled |= ~np.isnan(column) | mask
    return (columns, masks) if filled.all() else None


def _has_odd(data: bytes) -> bool:
    return any(byte in data for byte in _ODD)


def _printed_nan(
    data: bytes, separator: str, cells: int, wanted: Sequence[int], columns: Sequence[Floats]
) -> list[Mask]:
    """Where NaN stands for a word and not for nothing, by column."""
    missing = [np.isnan(column) for column in columns]
    has_n = b"n" in data or b"N" in data
    if not has_n or re.search(rb"[nN][aA][nN]", data) is None:
        return [np.zeros(len(column), dtype=bool) for column in columns]
    seen = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero((seen == _NEWLINE) | (seen == ord(separator)))
    starts = np.concatenate([[0], ends[:-1] + 1]).reshape(-1, cells)
    masks = []
    for at, mask in zip(wanted, missing, strict=True):
        printed = np.zeros(len(mask), dtype=bool)
        printed[mask] = _spell_nan(seen, starts[mask, at])
        masks.append(printed)
    return masks


def _spell_nan(seen: Bytes, starts: Ints) -> Mask:
    """True where the word at a start, after blanks and a sign, is nan."""
    padded = np.concatenate([seen, np.zeros(3, dtype=np.uint8)])
    while (skipped := np.isin(padded[starts], (ord(" "), ord("-")))).any():
        starts = starts + skipped
    word = np.stack([padded[starts + at] | 0x20 for at in range(3)])
    return np.asarray((word == np.array([[110], [97], [110]])).all(axis=0))
