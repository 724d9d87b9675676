"""Reads customers from a file: CSV, JSON lines, a JSON array or Parquet; gzip of text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

from app.customers.files.cell_table import Table
from app.customers.files.file_format import FileError
from app.customers.files.file_row import Fault, FileRow
from app.customers.files.header_matching import HeaderRules, Matched
from app.customers.files.json_customers import JSONEntry, is_json, json_entries, json_form
from app.customers.files.parquet_file import BATCH, ParquetTable, is_parquet
from app.customers.files.read_summary import how_read
from app.customers.files.row_checking import RowChecker
from app.customers.files.text_lines import TextFile


@dataclass(frozen=True)
class CustomerFile:
    """The customers of a file.

    Attributes:
        rows: one for each customer, read when asked for.
        how: says in one line how the file was read, when it was.
    """

    rows: Iterator[FileRow]
    how: Callable[[], str]


def read(file: BinaryIO, name: str, rules: HeaderRules, batch: int = BATCH) -> CustomerFile:
    """Read customers; a bad one is a row with its reason.

    Args:
        file: CSV with a header or Parquet; JSON lines or a JSON array, in which each customer is
            `{"id": ..., "features": {...}}` or has the features beside the id.
        name: of the file, for messages.
        rules: which columns there are, and the contract that customers must keep.
        batch: rows of a Parquet file that are in memory as Python values at once.

    Raises:
        FileError: the file cannot be read, or its header is not one; also while reading rows.
    """
    if is_parquet(file):
        return _table(ParquetTable(file, name, batch), name, rules)
    return read_text(TextFile(file, name), rules)


def read_text(text: TextFile, rules: HeaderRules) -> CustomerFile:
    """Read customers from a file of text, of which nothing was read."""
    return (
        _json(text, RowChecker(rules)) if is_json(text) else _table(Table(text), text.name, rules)
    )


def match(table: Table | ParquetTable, rules: HeaderRules) -> Matched:
    """Say what the columns of a table are.

    Raises:
        FileError: they are not those of customers.
    """
    matched = rules.match(table.columns)
    if faults := [*matched.faults, *rules.missing(table.columns, matched)]:
        raise FileError(f"{table.place}: {'; '.join(faults)}")
    return matched


def _table(table: Table | ParquetTable, name: str, rules: HeaderRules) -> CustomerFile:
    matched = match(table, rules)
    rows = map(RowChecker(rules).table(table, matched), table.rows)
    return CustomerFile(
        rows, lambda: how_read(name, table.how, matched.left_out, table.blank_lines)
    )


def _json(text: TextFile, checker: RowChecker) -> CustomerFile:
    entries = json_entries(text)
    first = next(entries, None)
    left_out = checker.left_out(first.value) if first else []

    def check(entry: JSONEntry) -> FileRow:
        if entry.fault:
            return FileRow(entry.line, faults=(Fault("", entry.fault),))
        return checker.entry(entry.line, entry.value)

    def rows() -> Iterator[FileRow]:
        if first:
            yield from map(check, chain([first], entries))
            for name in checker.never_kept:
                raise FileError(f"{text.name}: no customer has {name!r} to keep")

    return CustomerFile(rows(), lambda: how_read(text.name, json_form(text), left_out))
