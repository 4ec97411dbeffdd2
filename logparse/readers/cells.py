"""Lines of a table taken apart: cells, the numbers in them, and which line is a header."""

from __future__ import annotations

import csv
import re

SEPARATORS = ",;\t|"
ABSENT = ("", "-", "--", "NA", "N/A", "n/a", "na", "None", "none", "NULL", "null", "<NA>")
"""Cells that hold nothing, in the spellings that tables are written with."""
NAN = ("nan", "NaN", "NAN", "-nan")
"""Cells that hold a NaN that was computed."""
LONGEST_NAME = 100

_TRUTH = {word: truth for truth, name in ((1.0, "True"), (0.0, "False"))
          for word in (name, name.lower(), name.upper())}  # fmt: skip
_NUMBER = r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|nan|inf(?:inity)?)"
_PLAIN = re.compile(_NUMBER, re.IGNORECASE | re.ASCII)
_WRAPPED = re.compile(
    rf"(?:tensor\()?\[?({_NUMBER})\]?(?:, *\w+=[^()]*)?\)?%?", re.IGNORECASE | re.ASCII
)
_RULE = re.compile(r"[-=+:| \t,;]+")


def split(line: str, separator: str) -> list[str] | None:
    """The cells of a line without blanks around them; None where a quote is not closed."""
    if '"' not in line:
        return [cell.strip() for cell in line.split(separator)]
    reader = csv.reader([line], delimiter=separator, skipinitialspace=True, strict=True)
    try:
        return [cell.strip() for cell in next(reader)]
    except csv.Error:
        return None


def number_of(cell: str, separator: str = ",") -> float | None:
    """The number in a cell; None where there is none.

    Where cells are parted by `;` a comma is the decimal point. A per cent sign, the brackets of
    a list of one and `tensor(...)` are passed over.
    """
    if separator == ";" and "," in cell:
        cell = cell.replace(",", ".")
    if _PLAIN.fullmatch(cell):
        return float(cell)
    found = _WRAPPED.fullmatch(cell)
    return float(found[1]) if found else _TRUTH.get(cell)


def header_of(line: str) -> tuple[str, list[str]] | None:
    """The separator and the cells of a line that names columns; None for other lines.

    At least two names, none of them a number. The first column may have none: an index.
    """
    separator = max(SEPARATORS, key=line.count)
    cells = split(line, separator) if separator in line else None
    if cells is None or sum(map(bool, cells)) < 2:
        return None
    return (separator, cells) if all(_is_name(cell) for cell in cells if cell) else None


def is_rule(line: str) -> bool:
    """True for a line that is drawn below a header."""
    return "--" in line and _RULE.fullmatch(line) is not None


def first_line(head: bytes) -> str | None:
    """The first line of a beginning that is not blank; None before its end is there."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    found = re.match(rb"[^\r\n]+(?=[\r\n])", text)
    return found[0].decode("utf-8", "replace") if found else None


def _is_name(cell: str) -> bool:
    is_text = len(cell) <= LONGEST_NAME and any(map(str.isalpha, cell))
    return is_text and number_of(cell) is None and "=" not in cell and ": " not in cell
