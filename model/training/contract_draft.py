"""Drafts a feature contract from a file of customers, for people to correct."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from difflib import get_close_matches
from math import isfinite
from sys import float_info
from typing import Any

import yaml

from model.cell_reading import NUMBER, boolean, fold_name, fold_value
from model.features import MISSING
from model.training.column_checks import MOST_VALUES

FEW = 20
"""Texts that may all differ in a category of a small file."""

_INTEGER = re.compile(r"[-+]?[0-9]{1,30}(\.0{0,30})?")
"""Programs write 12 as 12.0 when a column has gaps."""

_WORD_START = re.compile(r"(?<=[a-z])(?=[A-Z])")
_MISSING = {"", *map(fold_value, MISSING)}
_HEAD = """\
# Correct labels, units, ranges and descriptions, set `required` for the features that every caller
# has, and delete those that must not be used. Move their names to `ignored`, the columns of files
# that aren't features. A feature may say more:
#   monotone: increasing or decreasing; with all else equal, its points never turn
#   actionable: true, if the company can change it
#   when_missing: unknown, if a missing value says nothing; informative, if it does
"""


class DraftError(ValueError):
    """No contract can be drafted; the message names the file."""


@dataclass(frozen=True)
class ContractDraft:
    """A contract that fits a file.

    Attributes:
        file: its name.
        target: the column with the outcome, as the file spells it.
        entries: of the features, by name.
        left_out: reason by column, for those that aren't features.
    """

    file: str
    target: str
    entries: dict[str, dict[str, Any]]
    left_out: dict[str, str]

    @property
    def text(self) -> str:
        """The draft of `features.yaml`.

        Raises:
            DraftError: no column can be a feature.
        """
        reasons = [f"{name}: {reason}" for name, reason in self.left_out.items()]
        if not self.entries:
            raise DraftError(f"{self.file}: no column can be a feature: {'; '.join(reasons)}")
        head = _comment(f"Drafted from {self.file}.") + _HEAD
        if reasons:
            head += _comment("Left out:") + "".join(_comment(f"  {reason}") for reason in reasons)
        content = {"features": self.entries, "ignored": [self.target, *self.left_out]}
        return head + yaml.safe_dump(content, sort_keys=False, allow_unicode=True)

    def without(self, reasons: dict[str, str]) -> ContractDraft:
        """Leave out more columns."""
        kept = {name: entry for name, entry in self.entries.items() if name not in reasons}
        return replace(self, entries=kept, left_out=self.left_out | reasons)


def draft(file: str, columns: dict[str, list[str]], target: str) -> ContractDraft:
    """Describe the columns of a file as features.

    Args:
        file: its name, for the head of the draft.
        columns: cells by column name.
        target: the column with the outcome, which is not a feature.

    Raises:
        DraftError: there is no such column.
    """
    folded = {fold_name(name): name for name in columns}
    outcome = folded.get(fold_name(target))
    if outcome is None:
        close = get_close_matches(fold_name(target), folded, n=1)
        hint = f"; did you mean {folded[close[0]]!r}?" if close else ""
        raise DraftError(f"{file}: no column {target}{hint}")
    entries: dict[str, Any] = {}
    left_out: dict[str, str] = {}
    for name, cells in columns.items():
        if name == outcome:
            continue
        known = [cell.strip() for cell in cells if fold_value(cell) not in _MISSING]
        found = _entry(name, known, whole=len(known) == len(cells))
        if isinstance(found, str):
            left_out[name] = found
        else:
            entries[name] = found
    return ContractDraft(file, outcome, entries, left_out)


def _comment(line: str) -> str:
    """Make a comment; what YAML refuses even there becomes a question mark."""
    return "# " + "".join(c if c.isprintable() else "?" for c in line) + "\n"


def _entry(name: str, cells: list[str], *, whole: bool) -> dict[str, Any] | str:
    """Describe a feature by the cells that are known, or say why the column can't be one.

    Args:
        name: of the column.
        cells: those that are known.
        whole: whether these are all.
    """
    spellings, numbers = _spellings(cells), _numbers(cells)
    if len(spellings) <= 1 or len(set(numbers)) == 1:
        where = "everywhere" if whole else "wherever it is known"
        return f"one value {where}: {cells[0][:50]!r}" if cells else "empty"
    label = _label(name)
    entry: dict[str, Any] = {"label": label}
    if {boolean(cell) for cell in spellings} == {True, False}:
        entry |= {"type": "boolean", "example": boolean(cells[0])}
    elif numbers:
        integers = all(map(_INTEGER.fullmatch, spellings))
        if integers and len(set(numbers)) == len(cells) == numbers[-1] - numbers[0] + 1:
            return "counts up like a row number"
        entry |= {"type": "integer" if integers else "number", **_range(numbers)}
    elif len(spellings) > MOST_VALUES:
        return _many(spellings.values())
    elif len(spellings) == len(cells) >= FEW:
        return "a different text for each customer"
    else:
        values = sorted(spellings.values())
        entry |= {"type": "category", "values": values, "example": max(values, key=cells.count)}
    return entry | {"required": False, "description": f"{label}."}


def _label(name: str) -> str:
    """Write a name as words: NumOfProducts becomes Num of products."""
    words = _WORD_START.sub(" ", name).replace("_", " ").split()
    text = " ".join(word if word.isupper() else word.lower() for word in words)
    return text[:1].upper() + text[1:] or name


def _many(texts: Collection[str]) -> str:
    """Say why a column of many texts is left out."""
    others = [text for text in texts if not NUMBER.fullmatch(text)]
    if 2 * len(others) < len(texts):
        return f"numbers, but for {len(others)} other texts such as {others[-1][:50]!r}"
    return f"{len(texts)} different texts, too many for a category"


def _spellings(cells: list[str]) -> dict[str, str]:
    """Return the most frequent spelling of each text; files may vary case and blanks."""
    counts = Counter(cells)
    return {fold_value(cell): cell for cell, _ in reversed(counts.most_common())}


def _numbers(cells: list[str]) -> list[Any]:
    """Return the cells as sorted numbers, or nothing if one isn't a number."""
    if all(map(_INTEGER.fullmatch, cells)):
        return sorted(int(cell.partition(".")[0]) for cell in cells)
    if all(map(NUMBER.fullmatch, cells)) and all(isfinite(float(cell)) for cell in cells):
        return sorted(map(float, cells))
    return []


def _range(numbers: list[Any]) -> dict[str, Any]:
    """Double the observed range: it must refuse mistakes, not next year's customers."""
    low, high = numbers[0], numbers[-1]
    return {
        "minimum": max(min(0, 2 * low), -float_info.max),
        "maximum": min(max(1, 2 * high), float_info.max),
        "example": numbers[len(numbers) // 2],
    }
