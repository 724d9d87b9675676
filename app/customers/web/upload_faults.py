"""Tells what is wrong with the rejected rows of an uploaded file, cell by cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.customers.files.row_checking import FileRow
from app.http.validation_faults import MAX_FAULTS
from model.features import Contract


@dataclass(frozen=True)
class RejectedCell:
    """One fault of a row.

    Attributes:
        line: where the row is.
        id: of the customer, if it has one.
        column: the feature, `id`, or nothing if the whole row is wrong.
        value: as it is, if that is known.
        right: what would be right.
    """

    line: int
    id: str
    column: str
    value: str
    right: str


def rejected_cells(rejected: Sequence[FileRow], contract: Contract) -> list[RejectedCell]:
    """List the faults of the first rejected rows, as many as any answer lists."""
    return [cell for row in rejected[:MAX_FAULTS] for cell in _cells(row, contract)][:MAX_FAULTS]


def _cells(row: FileRow, contract: Contract) -> Iterator[RejectedCell]:
    for rule, got in row.faults:
        column, colon, right = rule.partition(": ")
        if not colon or column not in (*contract.names, "id"):
            column, right = "", rule
        yield RejectedCell(row.line, row.id, column, got[len(" (got ") : -1], right)
