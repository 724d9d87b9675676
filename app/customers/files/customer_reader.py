"""Customers from a file: CSV or JSON lines, one at a time."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import count
from typing import Any, BinaryIO

from app.http.strict_json import loads
from app.http.strict_json_reader import JSONError
from app.releases.contract import CONTRACT

CUSTOMER_ID = r"[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}"
"""Of a stored customer: safe in a path, a log line and a file of cells."""

is_customer_id = re.compile(CUSTOMER_ID).fullmatch
_REQUIRED = frozenset(CONTRACT.required)
ID_COLUMNS = ("customer_id", "id")
MAX_LINE = 1_000_000
"""Bytes of a line; a longer one is no customer."""

_TOO_LONG = f"a line of more than {MAX_LINE} bytes"


class FileError(ValueError):
    """A file that cannot be read at all; the message names it, the line and what would be right."""


@dataclass(frozen=True)
class FileRow:
    """One customer of a file, or why it is none."""

    line: int
    id: str = ""
    features: dict[str, Any] | None = None
    reason: str = ""


@lru_cache(maxsize=65536)
def _cell(name: str, text: str) -> Any:
    try:
        return CONTRACT.from_text(name, text)
    except ValueError as error:
        raise ValueError(f"{name}: {error} (got {text[:50]!r})") from None


def read(file: BinaryIO, name: str) -> Iterator[FileRow]:
    """Read customers; a bad one is a row with its reason.

    Args:
        file: CSV with a header (`customer_id` and the features' names), or JSON lines, each
            `{"id": ..., "features": {...}}`; told apart by the first character.
        name: of the file, for messages.

    Raises:
        FileError: the file is empty, or its header is not one.
    """
    lines = ((number, text) for number, text in _lines(file) if text is None or text.strip())
    number, first = next(lines, (0, ""))
    if not first:
        raise FileError(f"{name}: the file is empty" if first == "" else f"{name}: {_TOO_LONG}")
    parse: Callable[[int, str], FileRow] = _json
    if first.lstrip().startswith("{"):
        yield _json(number, first)
    else:
        try:
            columns = [cell.strip() for cell in next(csv.reader([first]), [])]
        except csv.Error as error:
            raise FileError(f"{name}:{number}: not CSV: {error}") from None
        at = _check_header(columns, f"{name}:{number}")
        del columns[at]
        parse = partial(_row, columns, at)
    for number, text in lines:
        yield FileRow(number, reason=_TOO_LONG) if text is None else parse(number, text)


def _lines(file: BinaryIO) -> Iterator[tuple[int, str | None]]:
    """Number and text of each line, or None of one that is too long."""
    for number in count(1):
        line = file.readline(MAX_LINE)
        if not line:
            return
        if len(line) < MAX_LINE or line.endswith(b"\n"):
            yield number, line.decode("utf-8-sig" if number == 1 else "utf-8", "replace")
            continue
        while line and not line.endswith(b"\n"):
            line = file.readline(MAX_LINE)
        yield number, None


def _json(line: int, text: str) -> FileRow:
    try:
        entry = loads(text.encode())
    except JSONError as error:
        place = f"{error.pointer}: " if error.pointer else ""
        return FileRow(line, reason=f"{place}{error.detail}")
    if not isinstance(entry, dict) or entry.keys() != {"id", "features"}:
        return FileRow(line, reason="give an object with the members id and features")
    customer, features = entry["id"], entry["features"]
    if not isinstance(customer, str):
        return FileRow(line, reason="id: give text")
    if not isinstance(features, dict):
        return FileRow(line, customer[:64], reason="features: give an object")
    return _checked(line, customer, features)


def _check_header(columns: list[str], place: str) -> int:
    """Where the id stands in a row."""
    identifier = next((column for column in ID_COLUMNS if column in columns), None)
    if identifier is None:
        raise FileError(f"{place}: no column customer_id")
    for column in columns:
        if column != identifier and column not in CONTRACT.by_name:
            raise FileError(f"{place}: {column!r}: {CONTRACT.fault(column, None)}")
        if columns.count(column) > 1:
            raise FileError(f"{place}: column {column} stands there twice")
    for required in CONTRACT.required:
        if required not in columns:
            raise FileError(f"{place}: no column {required}, which is required")
    return columns.index(identifier)


def _row(columns: list[str], at: int, line: int, text: str) -> FileRow:
    # Line by line, though CSV lets a quoted cell go on over lines: none of ours does, and a quote
    # that is never closed then costs its own line rather than those after it.
    try:
        cells = next(csv.reader([text], strict=True))
    except csv.Error as error:
        return FileRow(line, reason=f"not CSV: {error}")
    if len(cells) != len(columns) + 1:
        return FileRow(line, reason=f"{len(cells)} cells, not the header's {len(columns) + 1}")
    customer = cells.pop(at)
    try:
        values = zip(columns, map(_cell, columns, cells), strict=True)
        features = {column: value for column, value in values if value is not None}
    except ValueError as error:
        return FileRow(line, customer[:64], reason=str(error))
    return _identified(line, customer, features)


def _checked(line: int, customer: str, features: dict[str, Any]) -> FileRow:
    if not CONTRACT.accepts(features):
        return FileRow(line, customer[:64], reason=_fault(features))
    known = {name: value for name, value in features.items() if value is not None}
    return _identified(line, customer, known)


def _identified(line: int, customer: str, features: dict[str, Any]) -> FileRow:
    if not is_customer_id(customer):
        reason = "id: give 1 to 64 letters, digits and . _ : @ -, the first a letter or digit"
        return FileRow(line, customer[:64], reason=reason)
    if not features.keys() >= _REQUIRED:
        return FileRow(line, customer, reason=_fault(features))
    return FileRow(line, customer, features)


def _fault(features: dict[str, Any]) -> str:
    for name, value in features.items():
        if fault := CONTRACT.fault(name, value):
            return f"{name}: {fault}"
    missing = next(name for name in CONTRACT.required if name not in features)
    return f"{missing}: This feature is required"
