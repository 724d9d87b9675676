"""Drafts a feature contract from a file of customers, for people to correct."""

from __future__ import annotations

import re
from typing import Any

import yaml

MANY = 100
"""Distinct values from which a text column is taken for names or numbers of customers."""
_WHOLE = re.compile(r"-?[0-9]{1,15}")
_NUMBER = re.compile(r"-?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,2})?")
_BOOLEANS = ({"0", "1"}, {"yes", "no"}, {"true", "false"})
_HEAD = """\
# Drafted from {file}. Correct labels, units, ranges and descriptions, set `required` for the
# features that every caller has, and delete those that must not be used.
"""


def draft(file: str, columns: dict[str, list[str]], target: str) -> str:
    """Write a `features.yaml` that fits the file.

    Args:
        file: its name, for the head of the draft.
        columns: cells by column name.
        target: the column with the outcome, which is not a feature.
    """
    entries: dict[str, Any] = {}
    left_out = []
    for name, cells in columns.items():
        entry = None if name == target else _entry(name, [cell for cell in cells if cell.strip()])
        if entry:
            entries[name] = entry
        elif name != target:
            left_out.append(name)
    head = _HEAD.format(file=file)
    if left_out:
        head += f"# Left out, with one value or one for each customer: {', '.join(left_out)}.\n"
    return head + yaml.safe_dump({"features": entries}, sort_keys=False, allow_unicode=True)


def _entry(name: str, cells: list[str]) -> dict[str, Any] | None:
    cells = [cell.strip() for cell in cells]
    values = sorted(set(cells))
    if len(values) <= 1:
        return None
    label = name.replace("_", " ").capitalize()
    entry: dict[str, Any] = {"label": label}
    if {value.lower() for value in values} in _BOOLEANS:
        entry |= {"type": "boolean", "example": values[-1].lower() in ("1", "yes", "true")}
    elif all(map(_WHOLE.fullmatch, values)):
        numbers = sorted(map(int, cells))
        if numbers[0] < numbers[-1] == numbers[0] + len(cells) - 1 and len(values) == len(cells):
            return None
        entry |= {"type": "integer", **_range(numbers)}
    elif all(map(_NUMBER.fullmatch, values)):
        entry |= {"type": "number", **_range(sorted(map(float, cells)))}
    elif len(values) < MANY:
        entry |= {"type": "category", "values": values, "example": max(values, key=cells.count)}
    else:
        return None
    return entry | {"required": False, "description": f"{label}."}


def _range(numbers: list[Any]) -> dict[str, Any]:
    """Double the observed range: it must refuse mistakes, not next year's customers."""
    low, high = numbers[0], numbers[-1]
    return {
        "minimum": min(0, 2 * low),
        "maximum": max(1, 2 * high),
        "example": numbers[len(numbers) // 2],
    }
