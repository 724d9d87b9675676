"""Writes tables of scores as CSV or Parquet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from app.customers.files.parquet_file import cell_text
from app.customers.files.plain_cells import plain_text

ROW_GROUP = 1 << 20
"""Rows of a row group: what pyarrow writes by default."""

_FORMULA = r"\A([=+\-@\t\r\n])"
"""How `plain_text` knows a formula."""


@contextmanager
def table_file(kind: str, file: BinaryIO, kept: tuple[str, ...]) -> Iterator[CSVFile | ParquetFile]:
    """Write tables as csv or parquet into an open file."""
    result = ParquetFile(file, kept) if kind == "parquet" else CSVFile(file, kept)
    try:
        yield result
        result.end()
    except BaseException:
        result.drop()
        raise


class CSVFile:
    """Writes scores as CSV.

    Args:
        file: takes them.
        kept: names of the columns from the input, whose texts may look like formulas.
    """

    def __init__(self, file: BinaryIO, kept: tuple[str, ...]) -> None:
        self._file = file
        self._kept = kept

    def begin(self, table: pa.Table) -> None:
        """Write the header."""
        header = io.StringIO()
        csv.writer(header, lineterminator="\n").writerow(map(plain_text, table.column_names))
        self._file.write(header.getvalue().encode())

    def made(self, table: pa.Table) -> pa.Buffer:
        """Return the lines of a table; any thread may ask."""
        for name in self._kept:
            at = table.column_names.index(name)
            table = table.set_column(at, name, _plain(table.column(at)))
        try:
            return _lines(table, "none")
        except pa.ArrowInvalid:  # a text needs quotes
            return _lines(table, "needed")

    def take(self, lines: pa.Buffer) -> None:
        """Write lines."""
        self._file.write(lines)

    def end(self) -> None:
        """Write what is left: nothing."""

    def drop(self) -> None:
        """Forget the file."""


class ParquetFile:
    """Writes scores as Parquet.

    Args:
        file: takes them.
        kept: names of the columns from the input.
    """

    def __init__(self, file: BinaryIO, kept: tuple[str, ...]) -> None:
        self._file = file
        self._kept = kept
        self._writer: parquet.ParquetWriter | None = None
        self._waiting: list[pa.Table] = []

    def begin(self, table: pa.Table) -> None:
        """Remember the columns, in case that there is no row."""
        self._empty = table

    def made(self, table: pa.Table) -> pa.Table:
        """Return a table as it is."""
        return table

    def take(self, table: pa.Table) -> None:
        """Write tables, when there are enough for a row group."""
        self._waiting.append(table)
        if sum(map(len, self._waiting)) >= ROW_GROUP:
            self._write()

    def end(self) -> None:
        """Write what is left, and what is in the file."""
        if self._waiting or self._writer is None:
            self._waiting = self._waiting or [self._empty]
            self._write()
        if self._writer:
            self._writer.close()

    def drop(self) -> None:
        """Forget the file; later, the writer would write its end where nobody waits for it."""
        if self._writer:
            with suppress(Exception):
                self._writer.close()

    def _write(self) -> None:
        table = pa.concat_tables(self._waiting)
        self._waiting = []
        if self._writer is None:
            few = [
                field.name
                for field in table.schema
                if pa.types.is_dictionary(field.type) or field.name in self._kept
            ]
            self._writer = parquet.ParquetWriter(self._file, table.schema, use_dictionary=few)
        self._writer.write_table(table, ROW_GROUP)


def _lines(table: pa.Table, quoting: str) -> pa.Buffer:
    lines = pa.BufferOutputStream()
    options = arrow_csv.WriteOptions(include_header=False, quoting_style=quoting)
    arrow_csv.write_csv(table, lines, options)
    return lines.getvalue()


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column that CSV can have, without formulas."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return pc.replace_substring_regex(column, pattern=_FORMULA, replacement=r"'\1")
    if pa.types.is_primitive(kind) and not pa.types.is_temporal(kind):
        return column
    texts = [None if cell is None else plain_text(cell_text(cell)) for cell in column.to_pylist()]
    return pa.chunked_array([pa.array(texts, pa.string())])
