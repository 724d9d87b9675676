"""Tells what is wrong with the rejected rows of an uploaded file, cell by cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.customers.files.file_row import FileRow
from app.http.validation_faults import MAX_FAULTS


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


def rejected_cells(rejected: Sequence[FileRow]) -> list[RejectedCell]:
    """List the faults of the first rejected rows, as many as any answer lists."""
    cells = [
        RejectedCell(row.line, row.id, fault.column, fault.value, fault.rule)
        for row in rejected[:MAX_FAULTS]
        for fault in row.faults
    ]
    return cells[:MAX_FAULTS]
