"""Small files by path or URL."""

from __future__ import annotations

from pathlib import Path

from app.bulk.storage.remote_files import (
    is_url,
    read_remote,
    remote_output,
    remote_size,
    remove_remote,
)
from app.writing.atomic_files import atomic_bytes


def joined(folder: str, name: str) -> str:
    """Return the address of a file in a folder."""
    return f"{folder.rstrip('/')}/{name}" if is_url(folder) else str(Path(folder) / name)


def size_of(address: str) -> int | None:
    """Return a file's size, or None if there is no such file.

    Raises:
        FileError, OSError: nobody can tell.
    """
    if is_url(address):
        return remote_size(address)
    path = Path(address)
    return path.stat().st_size if path.is_file() else None


def read(address: str) -> bytes | None:
    """Return a file's content, or None if there is no such file.

    Raises:
        FileError, OSError: it cannot be read.
    """
    if is_url(address):
        return read_remote(address)
    path = Path(address)
    return path.read_bytes() if path.exists() else None


def write(address: str, content: bytes) -> None:
    """Write a file as a whole.

    Raises:
        FileError, OSError: it cannot be written.
    """
    if is_url(address):
        with remote_output(address) as file:
            file.write(content)
        return
    with atomic_bytes(Path(address)) as file:
        file.write(content)


def remove(address: str) -> None:
    """Remove a file if it is there.

    Raises:
        FileError, OSError: it cannot be removed.
    """
    if is_url(address):
        remove_remote(address)
    else:
        Path(address).unlink(missing_ok=True)
