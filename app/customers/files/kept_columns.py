"""Finds the columns of a file that the output shall have too."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from model.cell_reading import fold_name


def kept_positions(keep: Sequence[str], columns: Sequence[str]) -> list[list[int]]:
    """Return the positions of each column to keep: one, unless the file lacks it or has several.

    Args:
        keep: names, as the file has them or folded.
        columns: of the file.
    """
    return [_positions(name, columns) for name in keep]


def several(name: str, positions: Sequence[int], columns: Sequence[str]) -> str:
    """Say that a name is that of several columns."""
    names = " and ".join(repr(columns[at][:50]) for at in positions)
    return f"columns {names} are both {name!r}: name them apart"


def hint(name: str, columns: Sequence[str]) -> str:
    """Name the nearest column, or nothing."""
    folded = {fold_name(column)[:100]: column for column in columns}
    close = get_close_matches(fold_name(name), folded, n=1)
    return f"; did you mean {folded[close[0]]!r}?" if close else ""


def _positions(name: str, columns: Sequence[str]) -> list[int]:
    exact = [at for at, column in enumerate(columns) if column == name]
    return exact or [
        at for at, column in enumerate(columns) if fold_name(column) == fold_name(name)
    ]
