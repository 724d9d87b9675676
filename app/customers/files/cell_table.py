"""Reads a CSV file as a table: its header, and rows of text cells."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from itertools import chain, islice
from typing import NamedTuple

from app.customers.files.decimal_comma import decimal_comma_columns
from app.customers.files.file_format import FileError
from app.customers.files.text_lines import TOO_LONG, TextFile
from model.cell_reading import fold_name

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
MAX_COLUMNS = 20_000

SAMPLE = 500
"""Rows that tell decimal commas from points."""

_UNNAMED = "unnamed:"
"""So pandas calls the column of an index that it wrote without a name."""

_SEPARATOR_LINE = re.compile(r'"?sep=([,;|\t])"?', re.IGNORECASE)
"""Excel's first line, which names the delimiter."""


class TableRow(NamedTuple):
    """The cells of a line, at least up to the last column with a name, or what is wrong."""

    line: int
    cells: list[str]
    fault: str = ""


class Table:
    """A CSV file below its header.

    A row is a line, though CSV allows line breaks in a quoted cell: no feature has any, and a quote
    that is never closed then costs its own line, not those after it.

    Args:
        text: the file.

    Raises:
        FileError: the file is empty, or its header is not one.
    """

    def __init__(self, text: TextFile) -> None:
        self._text = text
        self._lines = text.lines()
        self.blank_lines = 0
        """So many lines without a cell were left out; they aren't rows."""
        line, first = self._header_line()
        self.place = f"{text.name}:{line}"
        """Of the header, for messages."""
        separator = _SEPARATOR_LINE.fullmatch(first.strip(" "))
        if separator:
            line, first = self._header_line()
            self.place = f"{text.name}:{line}"
        try:
            self._delimiter = separator[1] if separator else _delimiter(first)
            self.columns = [cell.strip() for cell in self._split(first)]
        except csv.Error as error:
            raise FileError(f"{self.place}: not CSV: {error}") from None
        if len(self.columns) > MAX_COLUMNS:
            raise FileError(f"{self.place}: more than {MAX_COLUMNS} columns")
        self.rows = self._rows()
        self.decimal_commas: frozenset[int] = frozenset()
        """Positions of the columns with decimal commas."""
        if self._delimiter != ",":  # a comma can only be the delimiter there
            sample = list(islice(self.rows, SAMPLE))
            self.rows = chain(sample, self.rows)
            width = len(self.columns)
            self.decimal_commas = decimal_comma_columns((row.cells for row in sample), width)

    @property
    def how(self) -> str:
        """How the file was read, in words."""
        decimals = ", decimal comma" if self.decimal_commas else ""
        return f"{DELIMITERS[self._delimiter]}-separated{decimals}, {self._text.how}"

    def _header_line(self) -> tuple[int, str]:
        for number, text in self._lines:
            if text is None:
                raise FileError(f"{self._text.name}: {TOO_LONG}")
            if text.strip():
                return number, text
        raise FileError(f"{self._text.name}: the file is empty")

    def _split(self, text: str) -> list[str]:
        if '"' not in text:  # three times as fast
            return text.split(self._delimiter)
        reader = csv.reader([text], delimiter=self._delimiter, strict=True, skipinitialspace=True)
        return next(reader)

    def _rows(self) -> Iterator[TableRow]:
        nothing = f' \t"{self._delimiter}'
        named = [at for at, column in enumerate(self.columns, 1) if not is_unnamed(column)]
        least = max(named, default=0)
        for number, text in self._lines:
            if text is None:
                yield TableRow(number, [], TOO_LONG)
            elif not text.strip(nothing):
                self.blank_lines += 1
            else:
                yield self._row(number, text, least)

    def _row(self, number: int, text: str, least: int) -> TableRow:
        try:
            cells = self._split(text)
        except csv.Error as error:
            return TableRow(number, [], f"not CSV: {error}")
        width = len(self.columns)
        if len(cells) > width and not any(map(str.strip, cells[width:])):
            del cells[width:]  # delimiters at the end of the line
        if not least <= len(cells) <= width:
            return TableRow(number, [], f"{len(cells)} cells, not the header's {width}")
        return TableRow(number, cells)


def is_unnamed(column: str) -> bool:
    """Whether a column has no name, as an index or the end of each line."""
    folded = fold_name(column)
    return not folded or folded.startswith(_UNNAMED)


def no_name(at: int) -> str:
    """Name a column that has no name by its place."""
    return f"column {at + 1} (no name)"


def _delimiter(header: str) -> str:
    """Return the delimiter that gives the header the most cells."""

    def cells(delimiter: str) -> int:
        return len(next(csv.reader([header], delimiter=delimiter, skipinitialspace=True)))

    return max(DELIMITERS, key=cells)
