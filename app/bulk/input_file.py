"""Opens a file of customers for scoring with arrays: its pieces can be checked in any thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO

from app.bulk.checked_customers import CheckedCustomers
from app.bulk.csv_input import CSVInput, can_be_cut
from app.bulk.parquet_input import ParquetInput
from app.bulk.row_pieces import row_pieces
from app.customers.files.customer_reader import read_text
from app.customers.files.header_matching import HeaderRules
from app.customers.files.json_customers import is_json
from app.customers.files.parquet_file import is_parquet
from app.customers.files.text_lines import TextFile


@dataclass(frozen=True)
class InputFile:
    """The customers of a file.

    Attributes:
        pieces: yields, in the file's order, functions that check some rows each. One thread takes
            them; any thread may call them, once each. Raises FileError, as they do, for what cannot
            be read.
        how: says in one line how the file was read, when it was.
        rows: how many there are, if the file says so.
    """

    pieces: Callable[[], Iterator[Callable[[], CheckedCustomers]]]
    how: Callable[[], str]
    rows: int | None = None


def open_input(
    file: BinaryIO, name: str, rules: HeaderRules, keep: Sequence[str] = ()
) -> InputFile:
    """Open a file of customers.

    Args:
        file: as for `customer_reader.read`.
        name: of the file, for messages.
        rules: which columns there are, and the contract that customers must keep.
        keep: columns that the output shall have too.

    Raises:
        FileError: the file cannot be read, or its header is not one.
    """
    rules = replace(rules, keep=tuple(keep))
    if is_parquet(file):
        columns = ParquetInput(file, name, rules)
        return InputFile(columns.pieces, columns.how, columns.rows)
    text = TextFile(file, name)
    if not is_json(text) and can_be_cut(text):
        table = CSVInput(text, rules)
        return InputFile(table.pieces, table.how)
    customers = read_text(text, rules)
    return InputFile(lambda: row_pieces(customers.rows, rules), customers.how)
