"""A mark in a folder, by which workers see that they have the same folder as the command."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.bulk.storage.addresses import joined, read, remove, write
from app.bulk.storage.remote_files import is_url
from app.customers.files.file_format import FileError
from app.writing.unfinished_folders import unfinished


@dataclass(frozen=True)
class Seal:
    """A file in a folder.

    Attributes:
        folder: a path or a URL.
        place: of the file.
        text: that it has.
    """

    folder: str
    place: str
    text: bytes


@contextmanager
def sealed(folder: str) -> Iterator[Seal]:
    """Put a seal into a folder, and take it away at the end.

    Raises:
        FileError, OSError: the folder cannot be written to.
    """
    text = secrets.token_bytes(16)
    if not is_url(folder):
        with unfinished(Path(folder)) as beside:
            (beside / "seal").write_bytes(text)
            yield Seal(folder, str(beside / "seal"), text)
        return
    seal = Seal(folder, joined(folder, f".churn-{secrets.token_hex(8)}.seal"), text)
    write(seal.place, text)
    try:
        yield seal
    finally:
        remove(seal.place)


def is_seen(seal: Seal) -> bool:
    """Whether the seal is seen from here."""
    try:
        return read(seal.place) == seal.text
    except (FileError, OSError):
        return False
