"""Recognises columns with decimal commas, and writes their numbers with a point."""

from __future__ import annotations

import re
from collections.abc import Iterable

_GROUPS = r"[-+]?[1-9][0-9]{0,2}(?:[. \u00a0\u202f][0-9]{3})+"
_GROUPED = re.compile(_GROUPS)
_COMMA = re.compile(rf"(?:{_GROUPS}|[-+]?[0-9]+),[0-9]+")
_NUMBER = re.compile(r"[-+]?([0-9]+(,[0-9]*)?|,[0-9]+)([eE][-+]?[0-9]+)?")
"""What pyarrow reads as a number that isn't infinite: files are read by either."""

_EITHER = re.compile(r"[-+]?[0-9]{1,3},[0-9]{3}")
"""Two decimals or three, with a comma for thousands: it proves nothing."""

_POINT = re.compile(r"[-+]?[0-9][0-9,]*\.[0-9]+")
_SEPARATORS = re.compile(r"[. \u00a0\u202f]")


def decimal_comma_columns(rows: Iterable[list[str]], width: int) -> frozenset[int]:
    """Find the columns whose numbers have decimal commas, from the first rows of a file.

    If one column has, all have but those with decimal points.
    """
    commas: set[int] = set()
    points: set[int] = set()
    for cells in rows:
        for at, cell in enumerate(cells):
            text = cell.strip()
            if _COMMA.fullmatch(text) and not _EITHER.fullmatch(text):
                commas.add(at)
            elif _POINT.fullmatch(text) and not _GROUPED.fullmatch(text):
                points.add(at)
    return frozenset(range(width)) - points if commas - points else frozenset()


def with_point(text: str) -> str:
    """Write a number with a decimal point: 1.234,5 becomes 1234.5. Other texts stay."""
    number = text.strip()
    if _NUMBER.fullmatch(number) or _COMMA.fullmatch(number) or _GROUPED.fullmatch(number):
        return _SEPARATORS.sub("", number).replace(",", ".")
    return text
