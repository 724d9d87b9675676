"""What the one reader of files and the reading for arrays say of the same file."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any
from unittest import mock

import numpy as np

from app.bulk.reading import csv_input
from app.bulk.reading.checked_customers import CheckedCustomers
from app.bulk.reading.input_file import open_input
from app.bulk.reading.row_pieces import all_checked
from app.customers.files.customer_reader import read
from app.customers.files.file_format import FileError
from app.customers.files.header_matching import HeaderRules


def by_rows(content: bytes, rules: HeaderRules, keep: tuple[str, ...] = ()) -> Any:
    """The one reader's customers as arrays, and how they were read, or why they cannot be."""
    rules = replace(rules, keep=keep)
    try:
        customers = read(io.BytesIO(content), "c.csv", rules)
        checked = all_checked(customers.rows, rules)
    except FileError as error:
        return str(error)
    return plain([checked]), customers.how()


def by_arrays(
    content: bytes, rules: HeaderRules, keep: tuple[str, ...] = (), block: int = csv_input.BLOCK
) -> Any:
    """The same of the reading for arrays, in blocks of so many bytes."""
    with mock.patch.object(csv_input, "BLOCK", block), mock.patch.object(csv_input, "START", 4096):
        try:
            file = open_input(io.BytesIO(content), "c.csv", rules, keep)
            parts = [piece() for piece in file.pieces()]
        except FileError as error:
            return str(error)
    return plain(parts), file.how()


def plain(parts: list[CheckedCustomers]) -> list[Any]:
    """Customers as plain values, in the file's order: ids, columns, kept columns, rejects."""
    ids = [text for part in parts for text in part.ids.to_pylist()]
    columns: dict[str, list[Any]] = {}
    kept: dict[str, list[Any]] = {}
    for part in parts:
        for name, values in part.features.items():
            assert len(values) == len(part.ids)
            columns.setdefault(name, []).extend(
                None if np.isnan(value) else value for value in values.tolist()
            )
        for name, texts in part.kept.items():
            kept.setdefault(name, []).extend(texts.to_pylist())
    columns = columns if ids else {}
    kept = kept if ids else {}
    return [ids, columns, kept, [row for part in parts for row in part.rejects]]
