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
        self.name = text.name
        self._lines = text.lines()
        self.blank_lines = 0
        """So many lines without a cell were left out; they aren't rows."""
        self.header_line, first = self._first_line()
        separator = _SEPARATOR_LINE.fullmatch(first.strip(" "))
        if separator:
            self.header_line, first = self._first_line()
        self.place = f"{text.name}:{self.header_line}"
        """Of the header, for messages."""
        try:
            self.delimiter = separator[1] if separator else _delimiter(first)
            self.columns = [cell.strip() for cell in self._split(first)]
        except csv.Error as error:
            raise FileError(f"{self.place}: not CSV: {error}") from None
        if len(self.columns) > MAX_COLUMNS:
            raise FileError(f"{self.place}: more than {MAX_COLUMNS} columns")
        named = [at for at, column in enumerate(self.columns, 1) if not is_unnamed(column)]
        self._least = max(named, default=0)
        self._nothing = f' \t"{self.delimiter}'
        self.rows = self._rows()
        self.decimal_commas: frozenset[int] = frozenset()
        """Positions of the columns with decimal commas."""
        self.few_rows = False
        """Whether the decimals were told from fewer rows than `SAMPLE`."""
        if self.delimiter != ",":  # a comma can only be the delimiter there
            sample = list(islice(self.rows, SAMPLE))
            self.rows = chain(sample, self.rows)
            self.few_rows = len(sample) < SAMPLE
            width = len(self.columns)
            self.decimal_commas = decimal_comma_columns((row.cells for row in sample), width)

    @property
    def form(self) -> str:
        """Delimiter and decimals, in words."""
        decimals = ", decimal comma" if self.decimal_commas else ""
        return f"{DELIMITERS[self.delimiter]}-separated{decimals}"

    @property
    def how(self) -> str:
        """How the file was read, in words."""
        return f"{self.form}, {self._text.how}"

    def row(self, number: int, text: str | None) -> TableRow | None:
        """Split a line; one without a cell is no row.

        Args:
            number: of the line.
            text: None if the line is too long.
        """
        if text is None:
            return TableRow(number, [], TOO_LONG)
        return self._row(number, text) if text.strip(self._nothing) else None

    def _first_line(self) -> tuple[int, str]:
        for number, text in self._lines:
            if text is None:
                raise FileError(f"{self._text.name}: {TOO_LONG}")
            if text.strip():
                return number, text
        raise FileError(f"{self._text.name}: the file is empty")

    def _split(self, text: str) -> list[str]:
        if '"' not in text:  # three times as fast
            return text.split(self.delimiter)
        reader = csv.reader([text], delimiter=self.delimiter, strict=True, skipinitialspace=True)
        return next(reader)

    def _rows(self) -> Iterator[TableRow]:
        for number, text in self._lines:
            row = self.row(number, text)
            if row:
                yield row
            else:
                self.blank_lines += 1

    def _row(self, number: int, text: str) -> TableRow:
        try:
            cells = self._split(text)
        except csv.Error as error:
            return TableRow(number, [], f"not CSV: {error}")
        width = len(self.columns)
        if len(cells) > width and not any(map(str.strip, cells[width:])):
            del cells[width:]  # delimiters at the end of the line
        if not self._least <= len(cells) <= width:
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
