"""A dirty file, and what `churn score` must make of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

HEAD = "customer_id,tenure,contract,monthly_charges"
GOOD = ("c-1,12,One year,65.5", "c-2,1,Two year,5", "c-3,30,Month-to-month,80")
ALL = ("c-1", "c-2", "c-3")
ENDS = ("c-1", "c-3")
"""The good rows around a bad one."""


@dataclass(frozen=True)
class Case:
    """A file and its one right result: its rows are scored or rejected, or it is refused.

    Attributes:
        file: its name.
        content: its bytes.
        scored: the ids of the rows that are scored, in order.
        rejected: a part of the reason of each other row, by its line.
        refused: a part of the line that refuses the whole file; then nothing is written.
        how: a part of the line that says how the file was read.
    """

    file: str
    content: bytes
    scored: tuple[str, ...] = ()
    rejected: Mapping[int, str] = field(default_factory=dict)
    refused: str = ""
    how: str = ""

    @property
    def status(self) -> int:
        """The exit status: 2 if the file is refused, 1 if most of its rows are rejected."""
        return 2 if self.refused else int(len(self.rejected) > len(self.scored))

    @property
    def without_extra(self) -> Case:
        """The right result where the extra `bulk` isn't installed."""
        if not self.content.startswith(b"PAR1"):
            return self
        return Case(self.file, self.content, refused="a Parquet file, which needs pyarrow")


def lines(*rows: str, head: str = HEAD, end: str = "\n") -> str:
    """Write a CSV file."""
    return "".join(line + end for line in (head, *rows))


def among(row: str) -> str:
    """Write a CSV file with a row on line 3, between two good ones."""
    return lines(GOOD[0], row, GOOD[2])
