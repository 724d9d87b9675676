"""Reads customers from a file, CSV or JSON lines, one at a time."""

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
from model.features import Contract, Value

CUSTOMER_ID = r"[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}"
"""The id of a stored customer: safe in a path, a log line and a CSV file."""

is_customer_id = re.compile(CUSTOMER_ID).fullmatch
ID_COLUMNS = ("customer_id", "id")
MAX_LINE = 1_000_000
"""Bytes of a line; a longer line can't be a customer."""

_TOO_LONG = f"a line of more than {MAX_LINE} bytes"


class FileError(ValueError):
    """The file cannot be read; the message names it, the line and what to give."""


@dataclass(frozen=True)
class FileRow:
    """One customer of a file, or why the row is bad."""

    line: int
    id: str = ""
    features: dict[str, Any] | None = None
    reason: str = ""


def read(file: BinaryIO, name: str, contract: Contract) -> Iterator[FileRow]:
    """Read customers; a bad one is a row with its reason.

    Args:
        file: CSV with a header (`customer_id` and the features' names), or JSON lines, each
            `{"id": ..., "features": {...}}`; told apart by the first character.
        name: of the file, for messages.
        contract: which the customers must keep.

    Raises:
        FileError: the file is empty, or its header is not one.
    """
    lines = ((number, text) for number, text in _lines(file) if text is None or text.strip())
    number, first = next(lines, (0, ""))
    if not first:
        raise FileError(f"{name}: the file is empty" if first == "" else f"{name}: {_TOO_LONG}")
    parse: Callable[[int, str], FileRow]
    if first.lstrip().startswith("{"):
        parse = partial(_json, contract)
        yield parse(number, first)
    else:
        parse = _csv(contract, first, f"{name}:{number}")
    for number, text in lines:
        yield FileRow(number, reason=_TOO_LONG) if text is None else parse(number, text)


def _lines(file: BinaryIO) -> Iterator[tuple[int, str | None]]:
    """Yield number and text of each line, or None for one that is too long."""
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


def _json(contract: Contract, line: int, text: str) -> FileRow:
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
    return _checked(contract, line, customer, features)


def _csv(contract: Contract, header: str, place: str) -> Callable[[int, str], FileRow]:
    """Make the parser of the rows below a header.

    Raises:
        FileError: the header is not one.
    """
    try:
        columns = [cell.strip() for cell in next(csv.reader([header]), [])]
    except csv.Error as error:
        raise FileError(f"{place}: not CSV: {error}") from None
    at = _check_header(contract, columns, place)
    del columns[at]

    @lru_cache(maxsize=65536)
    def cell(name: str, text: str) -> Value:
        try:
            return contract.by_name[name].from_text(text)
        except ValueError as error:
            raise ValueError(f"{name}: {error} (got {text[:50]!r})") from None

    def row(line: int, text: str) -> FileRow:
        # Line by line, though CSV allows line breaks in a quoted cell: no feature has any, and a
        # quote that is never closed then costs its own line, not those after it.
        try:
            cells = next(csv.reader([text], strict=True))
        except csv.Error as error:
            return FileRow(line, reason=f"not CSV: {error}")
        if len(cells) != len(columns) + 1:
            return FileRow(line, reason=f"{len(cells)} cells, not the header's {len(columns) + 1}")
        customer = cells.pop(at)
        try:
            features = dict(zip(columns, map(cell, columns, cells), strict=True))
        except ValueError as error:
            return FileRow(line, customer[:64], reason=str(error))
        return _checked(contract, line, customer, features)

    return row


def _check_header(contract: Contract, columns: list[str], place: str) -> int:
    """Find the id's column among those of a header."""
    identifier = next((column for column in ID_COLUMNS if column in columns), None)
    if identifier is None:
        raise FileError(f"{place}: no column customer_id")
    for column in columns:
        if column != identifier and column not in contract.by_name:
            raise FileError(f"{place}: {column!r}: {contract.fault(column, None)}")
        if columns.count(column) > 1:
            raise FileError(f"{place}: column {column} occurs twice")
    for required in contract.required:
        if required not in columns:
            raise FileError(f"{place}: no column {required}, which is required")
    return columns.index(identifier)


def _checked(contract: Contract, line: int, customer: str, features: dict[str, Value]) -> FileRow:
    if not contract.accepts(features):
        name, fault = next(contract.faults(features))
        return FileRow(line, customer[:64], reason=f"{name}: {fault}")
    if not is_customer_id(customer):
        reason = "id: give 1 to 64 letters, digits and . _ : @ -, the first a letter or digit"
        return FileRow(line, customer[:64], reason=reason)
    known = {name: value for name, value in features.items() if value is not None}
    return FileRow(line, customer, known)
