"""Writes the bad rows of a file, and reports errors of files."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

import click

from app.customers.files.file_format import FileError
from app.customers.files.plain_cells import plain_text
from app.customers.files.row_checking import FileRow

MAX_RULES = 1000
"""Rules that are counted apart; names in JSON files could make any number."""

OTHERS = "other reasons"


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


class Rejects:
    """Writes bad rows to a file with line and reason, and counts them by rule.

    The first row makes the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self.rules: Counter[str] = Counter()
        self._file: TextIO | None = None

    def write(self, row: FileRow) -> None:
        """Write a bad row.

        Raises:
            OSError: the file cannot be written.
        """
        self.count += 1
        for rule, _ in row.faults:
            self.rules[rule if rule in self.rules or len(self.rules) < MAX_RULES else OTHERS] += 1
        with _errors_name(self.path):
            if self._file is None:
                self._file = self.path.open("w", newline="", encoding="utf-8")
                csv.writer(self._file).writerow(["line", "id", "reason"])
            row_cells = [row.line, plain_text(row.id), plain_text(row.reason)]
            csv.writer(self._file).writerow(row_cells)

    def close(self) -> None:
        """Close the file, if there is one.

        Raises:
            OSError: the file cannot be written.
        """
        if self._file is not None:
            with _errors_name(self.path):
                self._file.close()


@contextmanager
def rejects_file(path: Path) -> Iterator[Rejects]:
    """Open the file of bad rows.

    Raises:
        OSError: the file cannot be written.
    """
    if path.is_file():  # from an earlier run; a device stays
        path.unlink()
    rejects = Rejects(path)
    try:
        yield rejects
    finally:
        rejects.close()


@contextmanager
def _errors_name(path: Path) -> Iterator[None]:
    """Add the file's name to errors of writing, which have none."""
    try:
        yield
    except OSError as error:
        error.filename = str(path)
        raise
