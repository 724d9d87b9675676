"""Reads a CSV file in blocks of lines, which can be checked in any thread."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice

from app.bulk.reading.block_checking import BlockChecker
from app.bulk.reading.checked_customers import CheckedCustomers
from app.bulk.reading.csv_blocks import BLOCK, Rest, blocks, joined, lone_returns
from app.bulk.reading.row_pieces import row_pieces
from app.customers.files.cell_table import Table
from app.customers.files.customer_reader import match
from app.customers.files.file_format import FileError
from app.customers.files.header_matching import HeaderRules
from app.customers.files.read_summary import how_read
from app.customers.files.text_lines import TextFile

START = 1 << 16
"""Bytes in which the header is looked for first."""

_LINE_END = re.compile(rb"\r\n|\r|\n|\Z")


def can_be_cut(text: TextFile) -> bool:
    """Whether a file, of which nothing was read, is UTF-8 and has line feeds."""
    head = text.head.removesuffix(b"\r")
    return text.encoding == "UTF-8" and b"\n" in head and not lone_returns(head)


class CSVInput:
    """A CSV file in blocks.

    Args:
        text: can be cut.
        rules: which columns there are.

    Raises:
        FileError: the file cannot be read, or its header is not one.
    """

    def __init__(self, text: TextFile, rules: HeaderRules) -> None:
        self._text = text
        self._rules = rules
        self._start, self._table = self._header()
        self._matched = match(self._table, rules)
        self._checker = BlockChecker(self._table, self._matched, rules)

    def pieces(self) -> Iterator[Callable[[], CheckedCustomers]]:
        """Yield functions that check a block each."""
        line = self._table.header_line + 1
        below = joined(self._below_header(), self._text.content)
        for block in blocks(below, line, BLOCK):
            if isinstance(block, Rest):
                yield from row_pieces(self._checker.rows(block), self._rules)
            else:
                yield partial(self._checker.checked, block)

    def how(self) -> str:
        """Say how the file was read, when it was."""
        form = f"{self._table.form}, {self._text.how}"
        blank = sum(self._checker.blank_lines)
        return how_read(self._text.name, form, self._matched.left_out, blank)

    def _header(self) -> tuple[bytes, Table]:
        """Read as much as tells columns and decimals; return it, and the table that it begins."""
        start = self._text.content.read(START)
        while True:
            more = self._text.content.read(len(start))
            lines = start[: start.rfind(b"\n") + 1] if more else start
            start += more
            try:
                table = Table(TextFile(io.BytesIO(lines), self._text.name))
            except FileError:
                if more and len(start) < BLOCK:  # the header may come yet
                    continue
                raise
            if not (more and table.few_rows):
                return start, table

    def _below_header(self) -> bytes:
        """Return what was read after the header's line."""
        at = 0
        for end in islice(_LINE_END.finditer(self._start), self._table.header_line):
            at = end.end()
        start, self._start = self._start[at:], b""
        return start
