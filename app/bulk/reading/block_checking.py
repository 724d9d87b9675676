"""Checks the lines of a CSV file: with arrays where pyarrow reads them like the one reader."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO, cast

import numpy as np
import pyarrow as pa

from app.bulk.reading.block_reading import BlockReader, Columns
from app.bulk.reading.checked_customers import CheckedCustomers
from app.bulk.reading.csv_blocks import Block, Rest, is_plain
from app.bulk.reading.feature_decoding import FeatureDecoder
from app.bulk.reading.good_rows import any_bad, good_rows
from app.bulk.reading.id_columns import checked_ids, stripped
from app.bulk.reading.row_pieces import all_checked
from app.customers.files.cell_table import Table
from app.customers.files.file_row import FileRow
from app.customers.files.header_matching import HeaderRules, Matched
from app.customers.files.row_checking import RowChecker
from app.customers.files.text_lines import numbered_lines


class BlockChecker:
    """Checks blocks of one file, in any thread.

    Args:
        table: the file's header.
        matched: what its columns are.
        rules: say so.
    """

    def __init__(self, table: Table, matched: Matched, rules: HeaderRules) -> None:
        self._table = table
        self._rules = rules
        checker = RowChecker(rules)
        self._check = checker.table(table, matched)
        self._features = matched.features
        self._kept = [at for at in matched.kept if at is not None]
        self._id = -1 if matched.id is None else matched.id
        decoders = {}
        for at, name in matched.features.items():
            commas = at in table.decimal_commas  # all columns have them, but for a few with points
            decoders[at] = FeatureDecoder(
                rules.contract,
                rules.contract.by_name[name],
                checker.reader(name, decimal_commas=commas),
                as_usual=commas == bool(table.decimal_commas),
            )
        texts = frozenset((self._id, *self._kept))
        missing = rules.contract.missing
        self._reader = BlockReader(table, texts, decoders, missing)
        self.blank_lines: list[int] = []
        """So many were left out of blocks."""

    def checked(self, block: Block) -> CheckedCustomers:
        """Check a block.

        Raises:
            FileError: a line isn't UTF-8.
        """
        found = None
        if is_plain(block, self._table.delimiter.encode()):
            columns = self._reader.columns(block.data)
            found = columns and self._of_columns(block, columns)
        if found is None:
            found = all_checked(self.rows(Rest(block.line, io.BytesIO(block.data))), self._rules)
        return found

    def rows(self, rest: Rest) -> Iterator[FileRow]:
        """Check lines by the one reader.

        Raises:
            FileError: a line isn't UTF-8.
        """
        text = io.TextIOWrapper(cast(BinaryIO, rest.file), "utf-8", "surrogateescape")
        blank = 0
        for number, line in numbered_lines(text, self._table.name, rest.line):
            row = self._table.row(number, line)
            if row:
                yield self._check(row)
            else:
                blank += 1
        self.blank_lines.append(blank)

    def _of_columns(self, block: Block, found: Columns) -> CheckedCustomers | None:
        """Check columns; None if they and the one reader disagree."""
        if len(found.table) + len(found.odd_lines) != block.lines:
            return None
        columns = {int(name): _whole(found.table[name]) for name in found.table.column_names}
        ids, bad_ids = checked_ids(columns[self._id])
        features = {
            name: self._reader.decoded(at, columns[at]) for at, name in self._features.items()
        }
        bad = any_bad([bad_ids, *(column.bad for column in features.values())])
        kept = [stripped(columns[at]) for at in self._kept]
        rejects = self._rejects(block, _bad_lines(block.lines, found.odd_lines, bad))
        if rejects is None:
            return None
        return replace(good_rows(self._rules, ids, features, kept, bad), rejects=rejects)

    def _rejects(self, block: Block, bad: list[int]) -> tuple[FileRow, ...] | None:
        """Say what is wrong with lines, by their places; None if nothing is with one."""
        if not bad:
            return ()
        ends = np.flatnonzero(np.frombuffer(block.data, np.uint8) == ord("\n")).tolist()
        starts = [0, *(end + 1 for end in ends)]
        ends.append(len(block.data))
        rejects, blank = [], 0
        for at in bad:
            line = block.data[starts[at] : ends[at]].removesuffix(b"\r").decode()
            row = self._table.row(block.line + at, line)
            if row is None:
                blank += 1
                continue
            checked = self._check(row)
            if checked.features is not None:
                return None
            rejects.append(checked)
        self.blank_lines.append(blank)
        return tuple(rejects)


def _bad_lines(lines: int, odd: list[int], bad: np.ndarray | None) -> list[int]:
    """Return the places of the lines that were left out or are bad rows, in rising order."""
    wrong = np.zeros(lines, np.bool_)
    wrong[odd] = True
    if bad is not None:
        wrong[np.flatnonzero(~wrong)[bad]] = True
    return [*map(int, np.flatnonzero(wrong))]


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
