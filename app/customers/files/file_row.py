"""One customer of a file, or what is wrong with the row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

MAX_GOT = 50
"""Characters of a value that is told."""


class Fault(NamedTuple):
    """One thing that is wrong with a row.

    Attributes:
        column: a feature, the id or the outcome; empty if it is the row.
        rule: what would be right.
        got: the value as it is, a long text shortened; None if there is none.
    """

    column: str
    rule: str
    got: object = None

    @property
    def broken(self) -> str:
        """The column and its rule: the same for all rows that break it."""
        return f"{self.column}: {self.rule}" if self.column else self.rule

    @property
    def words(self) -> str:
        """The whole fault as a sentence."""
        got = "" if self.got is None else f" (got {repr(self.got)[:MAX_GOT]})"
        return self.broken + got

    @property
    def value(self) -> str:
        """What the row has instead, as a cell of a CSV file."""
        return "" if self.got is None else str(self.got)[:MAX_GOT]


def wrong_cell(column: str, rule: str, cell: object) -> Fault:
    """Return the fault of a cell, which may be of any length."""
    return Fault(column, rule, cell[:MAX_GOT] if isinstance(cell, str) else cell)


@dataclass(frozen=True)
class FileRow:
    """One customer of a file, or why the row is bad.

    Attributes:
        line: in a JSON array, the line where the customer begins.
        features: None for a bad row.
        outcome: whether the customer left; only in files of training data.
        faults: all that is wrong with a bad row.
        kept: the columns that the output shall have too, in the order of `HeaderRules.keep`: texts
            of a table, values of a JSON file.
    """

    line: int
    id: str = ""
    features: dict[str, Any] | None = None
    outcome: bool = False
    faults: tuple[Fault, ...] = ()
    kept: tuple[Any, ...] = ()

    @property
    def reason(self) -> str:
        """All faults in words."""
        return "; ".join(fault.words for fault in self.faults)
