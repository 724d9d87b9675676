"""Writes the bad rows of a file, and reports errors of files."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO, TypeAlias

import click

from app.customers.files.file_format import FileError
from app.customers.files.file_row import FileRow
from app.customers.files.output_file import output_file
from app.customers.files.plain_cells import plain_text
from app.writing.unfinished_folders import named_by

MAX_RULES = 1000
"""Rules that are counted apart; names in JSON files could make any number."""

OTHERS = "other reasons"

COLUMNS = ("line", "id", "reason", "column", "value", "rule")
"""Of the file of bad rows, which has a row for each fault."""


def rejects_path(file: BinaryIO, chosen: Path | None) -> Path:
    """Return the chosen file of rejects, or FILE.rejects.csv.

    Raises:
        click.UsageError: it would overwrite the input file.
    """
    path = chosen or Path(f"{'stdin' if file.name == '<stdin>' else file.name}.rejects.csv")
    if path.resolve() == Path(file.name).resolve():
        raise click.UsageError(f"--rejects: {path} is the input file")
    return path


@contextmanager
def file_errors(name: str) -> Iterator[None]:
    """Turn an error of a file into one line and exit status 2.

    Args:
        name: of the file, for errors that name none.
    """
    try:
        yield
    except FileError as error:
        raise click.UsageError(str(error)) from None
    except OSError as error:
        raise click.UsageError(f"{error.filename or name}: {error.strerror}") from None


def reject_cells(row: FileRow) -> Iterator[tuple[object, ...]]:
    """Yield the cells of each fault of a bad row, as `COLUMNS` names them."""
    customer = plain_text(row.id)
    for fault in row.faults:
        texts = (fault.words, fault.column, fault.value, fault.rule)
        yield row.line, customer, *map(plain_text, texts)


OpenFile: TypeAlias = Callable[[Path], AbstractContextManager[TextIO]]


class Rejects:
    """Writes the faults of bad rows to a file, and counts them by rule.

    The first row makes the file, which appears at the end.

    Args:
        path: of the file.
        opened: closes it.
        open_file: opens it.
    """

    def __init__(self, path: Path, opened: ExitStack, open_file: OpenFile) -> None:
        self.path = path
        self.count = 0
        self.rules: Counter[str] = Counter()
        self._opened = opened
        self._open_file = open_file
        self._file: TextIO | None = None

    def write(self, row: FileRow) -> None:
        """Write a bad row.

        Raises:
            OSError: the file cannot be written.
        """
        self.count += 1
        for fault in row.faults:
            rule = fault.broken
            self.rules[rule if rule in self.rules or len(self.rules) < MAX_RULES else OTHERS] += 1
        with named_by(self.path):
            if self._file is None:
                self._opened.enter_context(named_by(self.path))  # errors of closing it
                self._file = self._opened.enter_context(self._open_file(self.path))
                csv.writer(self._file).writerow(COLUMNS)
            csv.writer(self._file).writerows(reject_cells(row))


@contextmanager
def rejects_file(path: Path, open_file: OpenFile = output_file) -> Iterator[Rejects]:
    """Open the file of bad rows, which appears at the end if there are any.

    Without any, a file of an earlier run is removed. If something fails, it stays as it was.

    Raises:
        OSError: the file cannot be written.
    """
    with ExitStack() as opened:
        rejects = Rejects(path, opened, open_file)
        yield rejects
    if not rejects.count and path.is_file():  # a device stays
        path.unlink()
