"""Reads a file of customers as columns of text, to draft a contract from."""

from __future__ import annotations

from typing import BinaryIO

from app.customers.files.cell_table import Table, is_unnamed, no_name
from app.customers.files.decimal_comma import with_point
from app.customers.files.file_format import FileError
from app.customers.files.header_matching import MAX_TOLD
from app.customers.files.json_customers import flat, is_json, json_entries, json_form
from app.customers.files.parquet_file import ParquetTable, is_parquet
from app.customers.files.read_summary import how_read
from app.customers.files.text_lines import TextFile
from model.cell_reading import NUMBER, fold_name, fold_value
from model.features import MISSING

_MISSING = {"", *map(fold_value, MISSING)}


def read_columns(file: BinaryIO, name: str) -> tuple[dict[str, list[str]], str]:
    """Return the cells by column, and how the file was read, in one line.

    Args:
        file: as for `customer_reader.read`.
        name: of the file, for messages.

    Raises:
        FileError: the file, its header or a row cannot be read.
    """
    if is_parquet(file):
        return _table(ParquetTable(file, name), name)
    text = TextFile(file, name)
    return _json(text) if is_json(text) else _table(Table(text), name)


def _table(table: Table | ParquetTable, file: str) -> tuple[dict[str, list[str]], str]:
    named = {at: name for at, name in enumerate(table.columns) if not is_unnamed(name)}
    _refuse_equal([*named.values()], table.place)
    rows = []
    for row in table.rows:
        if row.fault:
            raise FileError(f"{file}:{row.line}: {row.fault}")
        rows.append(row.cells)
    if not rows:
        raise FileError(f"{file}: no customers below the header")
    columns = {name: [cells[at] for cells in rows] for at, name in named.items()}
    for at, name in named.items():
        if at in table.decimal_commas:
            columns[name] = _with_points(columns[name])
    unnamed = [no_name(at) for at in range(len(table.columns)) if at not in named]
    return columns, how_read(file, table.how, unnamed, table.blank_lines)


def _json(text: TextFile) -> tuple[dict[str, list[str]], str]:
    columns: dict[str, list[str]] = {}
    for number, entry in enumerate(json_entries(text)):
        names, values = flat(entry.value)
        if not names:
            fault = entry.fault or "give an object"
            raise FileError(f"{text.name}:{entry.line}: {fault}")
        for name, value in zip(names, values, strict=True):
            cells = columns.setdefault(name, [])
            cells.extend([""] * (number - len(cells)))
            cells.append("" if value is None else str(value))
    rows = max(map(len, columns.values()), default=0)
    if not rows:
        raise FileError(f"{text.name}: no customers")
    _refuse_equal([*columns], text.name)
    for cells in columns.values():
        cells.extend([""] * (rows - len(cells)))
    return columns, how_read(text.name, json_form(text), [])


def _refuse_equal(columns: list[str], place: str) -> None:
    """Refuse columns whose names are the same to all commands.

    Raises:
        FileError: naming all of them.
    """
    seen: dict[str, str] = {}
    equal = []
    for name in columns:
        folded = fold_name(name)
        if folded in seen:
            equal.append(f"columns {seen[folded]!r} and {name!r} have the same name")
        seen.setdefault(folded, name)
    if equal:
        raise FileError(f"{place}: {'; '.join(equal[:MAX_TOLD])}")


def _with_points(cells: list[str]) -> list[str]:
    """Write decimal points, if the column has numbers only: a category keeps its values."""
    points = [with_point(cell) for cell in cells]
    if all(NUMBER.fullmatch(p.strip()) or fold_value(p) in _MISSING for p in points):
        return points
    return cells
