"""Reads a block of a CSV file with pyarrow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from pyarrow import csv

from app.bulk.reading.feature_decoding import Decoded, FeatureDecoder
from app.customers.files.cell_table import Table


class Columns(NamedTuple):
    """The wanted columns of a block, without the lines that have more or fewer cells.

    Attributes:
        table: one column for each wanted position, its name.
        odd_lines: places of the lines that are left out, in rising order.
    """

    table: pa.Table
    odd_lines: list[int]


class BlockReader:
    """Reads the blocks of a file.

    Args:
        table: the file's header.
        texts: positions of the columns to read as texts.
        features: what decodes the columns of features, by position.
        missing: texts that are no numbers.
    """

    def __init__(
        self,
        table: Table,
        texts: frozenset[int],
        features: Mapping[int, FeatureDecoder],
        missing: tuple[str, ...],
    ) -> None:
        self._delimiter = table.delimiter
        self._decimal_point = "," if table.decimal_commas else "."
        self._names = [str(at) for at in range(len(table.columns))]
        self._texts = {str(at): pa.string() for at in texts}
        categories = pa.dictionary(pa.int32(), pa.string())
        self._as_texts = {str(at): categories for at in features} | self._texts
        typed = {str(at): pa.float64() for at, decoder in features.items() if decoder.typed}
        self._types = self._as_texts | typed | self._texts
        self._missing = ["", *sorted({spelt for text in missing for spelt in _spellings(text)})]
        self._features = features

    def columns(self, data: bytes) -> Columns | None:
        """Return the wanted columns; None if pyarrow cannot read them.

        Numbers are doubles if all are finite ones or missing, else texts.
        """
        found = self._read(data, self._types)
        if found is None or not all(map(_are_finite, found.table.columns)):
            found = self._read(data, self._as_texts)
        return found

    def _read(self, data: bytes, types: dict[str, pa.DataType]) -> Columns | None:
        odd: list[int] = []

        def leave_out(row: csv.InvalidRow) -> str:
            odd.append(row.number - 1)
            return "skip"

        try:
            table = csv.read_csv(
                pa.BufferReader(data),
                csv.ReadOptions(
                    use_threads=False, block_size=len(data) + 1, column_names=self._names
                ),
                csv.ParseOptions(
                    delimiter=self._delimiter,
                    ignore_empty_lines=False,
                    invalid_row_handler=leave_out,
                ),
                csv.ConvertOptions(
                    check_utf8=False,
                    column_types=types,
                    decimal_point=self._decimal_point,
                    null_values=self._missing,
                    include_columns=[*types],
                ),
            )
        except pa.ArrowException:
            return None
        return Columns(table, odd)

    def decoded(self, at: int, column: pa.Array) -> Decoded:
        """Decode the column of a feature."""
        decoder = self._features[at]
        if pa.types.is_floating(column.type):
            values = column.to_numpy(zero_copy_only=False)
            return decoder.numbers(values, np.isnan(values) if column.null_count else None)
        if pa.types.is_string(column.type):
            column = column.dictionary_encode()
        return decoder.texts(column.dictionary.to_pylist(), column.indices)


def _are_finite(column: pa.ChunkedArray) -> bool:
    """Whether a column has no number that isn't finite, whatever else it has."""
    if not pa.types.is_floating(column.type):
        return True
    finite = int(np.isfinite(column.to_numpy()).sum())
    return bool(finite + column.null_count == len(column))


def _spellings(text: str) -> set[str]:
    """Return usual spellings of a text; others are left to the one reader."""
    return {text, text.lower(), text.upper(), text.capitalize(), "NaN" if text == "nan" else text}
