"""Customers from a file: CSV or JSON lines, one at a time."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, BinaryIO

from app.predictions.bodies import CONTRACT
from app.strict_json import JSONError, loads

ID = r"[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}"
"""Of a stored customer: safe in a path, a log line and a file of cells."""

is_id = re.compile(ID).fullmatch
ID_COLUMNS = ("customer_id", "id")
MAX_LINE = 1_000_000
"""Bytes of a line; a longer one is no customer."""


class FileError(ValueError):
    """A file that cannot be read at all; the message names it, the line and what would be right."""


@dataclass(frozen=True)
class Row:
    """One customer of a file, or why it is none."""

    line: int
    id: str = ""
    features: dict[str, Any] | None = None
    reason: str = ""


@lru_cache(maxsize=65536)
def _cell(name: str, text: str) -> Any:
    return CONTRACT.from_text(name, text)


def read(file: BinaryIO, name: str) -> Iterator[Row]:
    """Read customers; a bad one is a row with its reason.

    Args:
        file: CSV with a header (`customer_id` and the features' names), or JSON lines, each
            `{"id": ..., "features": {...}}`; told apart by the first character.
        name: of the file, for messages.

    Raises:
        FileError: the file is empty, or its header is not one.
    """
    lines = _lines(file)
    first = next(lines, None)
    if first is None:
        raise FileError(f"{name}: the file is empty")
    number, text = first
    if text.lstrip().startswith("{"):
        yield _json(number, text)
        for number, text in lines:
            if text.strip():
                yield _json(number, text)
    else:
        yield from _csv(text, lines, name)


def _lines(file: BinaryIO) -> Iterator[tuple[int, str]]:
    number = 0
    while line := file.readline(MAX_LINE):
        number += 1
        text = line.decode("utf-8-sig" if number == 1 else "utf-8", "replace")
        yield number, text


def _json(line: int, text: str) -> Row:
    try:
        entry = loads(text.encode())
    except JSONError as error:
        place = f"{error.pointer}: " if error.pointer else ""
        return Row(line, reason=f"{place}{error.detail}")
    if not isinstance(entry, dict) or entry.keys() != {"id", "features"}:
        return Row(line, reason="give an object with the members id and features")
    customer, features = entry["id"], entry["features"]
    if not isinstance(customer, str):
        return Row(line, reason="id: give text")
    if not isinstance(features, dict):
        return Row(line, customer, reason="features: give an object")
    return _checked(line, customer, features)


def _csv(header: str, lines: Iterator[tuple[int, str]], name: str) -> Iterator[Row]:
    columns = [cell.strip() for cell in next(csv.reader([header]), [])]
    at = _check_header(columns, name)
    last = 1

    def texts() -> Iterator[str]:
        nonlocal last
        for number, text in lines:
            last = number
            yield text

    reader = csv.reader(texts(), strict=True)
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield Row(last, reason=f"not CSV: {error}")
            continue
        if cells is None:
            return
        if cells:
            yield _row(last, columns, cells, at)


def _check_header(columns: list[str], name: str) -> int:
    """Where the id stands in a row."""
    identifier = next((column for column in ID_COLUMNS if column in columns), None)
    if identifier is None:
        raise FileError(f"{name}:1: no column customer_id")
    for column in columns:
        if column != identifier and column not in CONTRACT.by_name:
            raise FileError(f"{name}:1: {column!r}: {CONTRACT.fault(column, None)}")
        if columns.count(column) > 1:
            raise FileError(f"{name}:1: column {column} stands there twice")
    for required in CONTRACT.required:
        if required not in columns:
            raise FileError(f"{name}:1: no column {required}, which is required")
    return columns.index(identifier)


def _row(line: int, columns: list[str], cells: list[str], at: int) -> Row:
    if len(cells) != len(columns):
        return Row(line, reason=f"{len(cells)} cells, not the header's {len(columns)}")
    features = {}
    for i, (column, cell) in enumerate(zip(columns, cells, strict=True)):
        if i == at:
            continue
        try:
            features[column] = _cell(column, cell)
        except ValueError as error:
            return Row(line, cells[at], reason=f"{column}: {error} (got {cell[:50]!r})")
    return _checked(line, cells[at], features)


def _checked(line: int, customer: str, features: dict[str, Any]) -> Row:
    if not is_id(customer):
        reason = "id: give 1 to 64 letters, digits and . _ : @ -, the first a letter or digit"
        return Row(line, customer[:64], reason=reason)
    if CONTRACT.accepts(features):
        return Row(line, customer, {n: v for n, v in features.items() if v is not None})
    return Row(line, customer, reason=_fault(features))


def _fault(features: dict[str, Any]) -> str:
    for name, value in features.items():
        if fault := CONTRACT.fault(name, value):
            return f"{name}: {fault}"
    missing = next(name for name in CONTRACT.required if name not in features)
    return f"{missing}: This feature is required"
