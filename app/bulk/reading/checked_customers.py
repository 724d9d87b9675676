"""A part of a file, checked: customers as arrays, and the rows that were rejected."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa

from app.customers.files.file_row import FileRow
from model.columnar.coded_columns import CodedColumns


@dataclass(frozen=True)
class CheckedCustomers:
    """Some rows of a file, in its order.

    Attributes:
        ids: of the good rows: text, without nulls.
        features: of the good rows.
        kept: other columns that the output shall have, of the good rows, by name.
        rejects: the bad rows, each with line, id and faults.
    """

    ids: pa.StringArray
    features: CodedColumns
    kept: dict[str, pa.Array] = field(default_factory=dict)
    rejects: tuple[FileRow, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows were read."""
        return len(self.ids) + len(self.rejects)
