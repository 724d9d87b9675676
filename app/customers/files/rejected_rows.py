"""Writes the bad rows of a file, and reports errors of files."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click

from app.customers.files.customer_reader import FileError, FileRow


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


@contextmanager
def rejects_file(path: Path) -> Iterator[Callable[[FileRow], None]]:
    """Yield a function that writes a bad row with its line and reason.

    The first row makes the file.

    Raises:
        OSError: the file cannot be written.
    """
    if path.is_file():  # from an earlier run; a device stays
        path.unlink()
    file = None

    def reject(row: FileRow) -> None:
        nonlocal file
        with _errors_name(path):
            if file is None:
                file = path.open("w", newline="", encoding="utf-8")
                csv.writer(file).writerow(["line", "id", "reason"])
            csv.writer(file).writerow([row.line, row.id, row.reason])

    try:
        yield reject
    finally:
        if file is not None:
            with _errors_name(path):
                file.close()


@contextmanager
def _errors_name(path: Path) -> Iterator[None]:
    """Add the file's name to errors of writing, which have none."""
    try:
        yield
    except OSError as error:
        error.filename = str(path)
        raise
