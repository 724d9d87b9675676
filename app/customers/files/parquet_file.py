"""Reads a Parquet file as a table of text cells, where pyarrow is installed."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import count
from math import isfinite
from typing import Any, BinaryIO

from app.customers.files.cell_table import TableRow
from app.customers.files.file_format import BULK, FileError

MAGIC = b"PAR1"
BATCH = 4096
"""Rows at once that are read the fastest."""


def is_parquet(file: BinaryIO) -> bool:
    """Whether a file is Parquet, by its first bytes, which stay unread."""
    if isinstance(file, io.BufferedReader):
        return file.peek(len(MAGIC)).startswith(MAGIC)
    if not file.seekable():
        return False
    start = file.tell()
    head = file.read(len(MAGIC))
    file.seek(start)
    return head == MAGIC


class ParquetTable:
    """A Parquet file as `Table` shows a CSV file; the number of a row stands for its line.

    Args:
        file: its content; a pipe is read as a whole, for the end says what is in it.
        name: of the file, for messages.
        batch: rows that are in memory as Python values at once.

    Raises:
        FileError: the file cannot be read, or pyarrow is not installed.
    """

    decimal_commas: frozenset[int] = frozenset()
    blank_lines = 0
    how = "Parquet"

    def __init__(self, file: BinaryIO, name: str, batch: int = BATCH) -> None:
        try:
            import pyarrow as pa  # noqa: PLC0415 - an extra, and slow to import
            from pyarrow import parquet  # noqa: PLC0415
        except ModuleNotFoundError:
            raise FileError(
                f"{name}: a Parquet file, which needs pyarrow: {BULK}, or save it as CSV UTF-8"
            ) from None
        self.place = self.name = name
        self._batch = batch
        # Values such as a time in an unknown zone make other errors than pyarrow's.
        self.errors = (pa.ArrowException, OSError, ValueError, LookupError, ArithmeticError)
        try:
            self.source = file if file.seekable() else io.BytesIO(file.read())
            self.file = parquet.ParquetFile(self.source)
            self.schema = self.file.schema_arrow
        except self.errors as error:
            raise self.damaged(error) from None
        nested = [column.name for column in self.schema if pa.types.is_nested(column.type)]
        if nested:
            told = ", ".join(nested[:20])
            raise FileError(f"{name}: {told}: lists or records: give columns of single values")
        self.columns: list[str] = [column.strip() for column in self.schema.names]
        self.rows = self._rows()

    @property
    def unpacked_bytes(self) -> int:
        """How many bytes the file says that it unpacks to."""
        about = self.file.metadata
        return sum(about.row_group(n).total_byte_size for n in range(about.num_row_groups))

    def _rows(self) -> Iterator[TableRow]:
        numbers = count(1)
        try:
            for batch in self.file.iter_batches(self._batch):
                columns = [cell_texts(column) for column in batch.columns]
                for cells in zip(*columns, strict=True):
                    yield TableRow(next(numbers), list(cells))
        except self.errors as error:
            raise self.damaged(error) from None

    def damaged(self, error: Exception) -> FileError:
        """Put an error of reading into one line."""
        said = " ".join(str(error).split())[:200]
        return FileError(f"{self.name}: the Parquet file cannot be read: {said}")


def cell_texts(column: Any) -> list[str]:
    """Write the values of an array as a CSV file has them.

    Raises:
        ValueError: naming their type, if Python has no such value.
    """
    try:
        return [*map(cell_text, column.to_pylist())]
    except (ValueError, LookupError, ArithmeticError) as error:
        raise ValueError(f"{column.type}: {error}") from None


def cell_text(value: Any) -> str:
    """Write a value as a CSV file has it; nothing for one that isn't known."""
    if value is None or (isinstance(value, float) and not isfinite(value)):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)
