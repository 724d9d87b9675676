"""Reads a Parquet file in batches of rows, which can be checked in any thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import BinaryIO

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from app.bulk.checked_customers import CheckedCustomers
from app.bulk.feature_decoding import FeatureDecoder
from app.bulk.good_rows import any_bad, good_rows
from app.bulk.id_columns import checked_ids
from app.bulk.parquet_columns import decoded, id_texts
from app.bulk.row_pieces import all_checked
from app.customers.files.cell_table import TableRow
from app.customers.files.customer_reader import match
from app.customers.files.file_row import FileRow
from app.customers.files.header_matching import HeaderRules
from app.customers.files.parquet_file import ParquetTable, cell_text
from app.customers.files.read_summary import how_read
from app.customers.files.row_checking import RowChecker

ROWS = 1 << 17
"""Rows of a batch."""


class ParquetInput:
    """A Parquet file in batches.

    Args:
        file: its content.
        name: of the file, for messages.
        rules: which columns there are.

    Raises:
        FileError: the file cannot be read, or its columns are not those of customers.
    """

    def __init__(self, file: BinaryIO, name: str, rules: HeaderRules) -> None:
        self._name = name
        self._rules = rules
        self._table = table = ParquetTable(file, name)
        self._matched = matched = match(table, rules)
        checker = RowChecker(rules)
        self._check = checker.table(table, matched)
        contract = rules.contract
        self._decoders = {
            at: FeatureDecoder(
                contract, contract.by_name[feature], checker.reader(feature, decimal_commas=False)
            )
            for at, feature in matched.features.items()
        }
        self._id = -1 if matched.id is None else matched.id
        self._kept = [at for at in matched.kept if at is not None]
        self._wanted = sorted({self._id, *self._kept, *matched.features})

    def pieces(self) -> Iterator[Callable[[], CheckedCustomers]]:
        """Yield functions that check a batch each.

        Raises:
            FileError: the file cannot be read.
        """
        first = 1
        try:
            for batch in self._batches():
                yield partial(self._checked, batch, first)
                first += batch.num_rows
        except self._table.errors as error:
            raise self._table.damaged(error) from None

    @property
    def rows(self) -> int:
        """How many rows the file says that it has."""
        return int(self._table.file.metadata.num_rows)

    def how(self) -> str:
        """Say how the file was read."""
        return how_read(self._name, self._table.how, self._matched.left_out)

    def _batches(self) -> Iterator[pa.RecordBatch]:
        """Read the wanted columns, in the file's order."""
        names = self._table.schema.names
        texts = [names[at] for at in self._matched.features if at not in (*self._kept, self._id)]
        # A name with a point could be that of a field in another column.
        clear = len({*names}) == len(names) and "." not in "".join(names)
        file = parquet.ParquetFile(
            self._table.source, metadata=self._table.file.metadata, read_dictionary=texts
        )
        wanted = [names[at] for at in self._wanted]
        for batch in file.iter_batches(ROWS, columns=wanted if clear else None):
            yield batch if clear else batch.select(self._wanted)

    def _checked(self, batch: pa.RecordBatch, first: int) -> CheckedCustomers:
        """Check a batch, whose rows are numbered from `first`.

        Raises:
            FileError: a value cannot be read.
        """
        try:
            found = self._of_columns(batch, first)
            if found is None:
                rows = map(self._check, self._rows(batch, first, range(batch.num_rows)))
                found = all_checked(rows, self._rules)
        except self._table.errors as error:
            raise self._table.damaged(error) from None
        return found

    def _of_columns(self, batch: pa.RecordBatch, first: int) -> CheckedCustomers | None:
        """Check columns; None if they and the one reader disagree."""
        columns = dict(zip(self._wanted, batch.columns, strict=True))
        ids, bad_ids = checked_ids(id_texts(columns[self._id]))
        features = {
            name: decoded(columns[at], self._decoders[at])
            for at, name in self._matched.features.items()
        }
        for at in self._kept:
            columns[at].validate(full=True)  # texts may be no UTF-8
        kept = [columns[at] for at in self._kept]
        bad = any_bad([bad_ids, *(column.bad for column in features.values())])
        found = good_rows(self._rules, ids, features, kept, bad)
        if bad is None:
            return found
        rows = self._rows(batch, first, map(int, np.flatnonzero(bad)))
        rejects = tuple(map(self._check, rows))
        return None if any(map(_is_good, rejects)) else replace(found, rejects=rejects)

    def _rows(self, batch: pa.RecordBatch, first: int, places: Iterable[int]) -> Iterator[TableRow]:
        """Yield the rows at these places of a batch as the one reader has them."""
        for place in places:
            cells = [""] * len(self._table.columns)
            for at, column in zip(self._wanted, batch.columns, strict=True):
                cells[at] = cell_text(column[place].as_py())
            yield TableRow(first + place, cells)


def _is_good(row: FileRow) -> bool:
    return row.features is not None
