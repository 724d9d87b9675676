"""Opens a file for a result: on a disk, behind a URL, or a stream."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

from app.bulk.storage.remote_files import is_url, remote_output, remove_remote
from app.bulk.storage.sources import STREAM
from app.customers.files import output_file
from app.customers.files.rejected_rows import Rejects, rejects_file
from app.writing.atomic_files import atomic_bytes


def is_stream(address: str) -> bool:
    """Whether an address is standard output, a device or a pipe."""
    return address == STREAM or (not is_url(address) and output_file.is_stream(Path(address)))


@contextmanager
def result_file(address: str) -> Iterator[BinaryIO]:
    """Open a file that appears at the end, unless something fails; or a stream to append to.

    Raises:
        FileError, OSError: it cannot be written.
    """
    if address == STREAM:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    elif is_url(address):
        with remote_output(address) as file:
            yield file
    elif is_stream(address):
        with Path(address).open("ab") as file:
            yield file
    else:
        with atomic_bytes(Path(address)) as file:
            yield file


@contextmanager
def rejects_at(address: str) -> Iterator[Rejects]:
    """Open the file of bad rows, as `rejects_file` does, on a disk or behind a URL.

    Raises:
        FileError, OSError: it cannot be written.
    """
    if not is_url(address):
        with rejects_file(Path(address)) as rejects:
            yield rejects
        return
    with rejects_file(Path(address), lambda _: _remote_text(address)) as rejects:
        yield rejects
    if not rejects.count:
        remove_remote(address)


@contextmanager
def _remote_text(url: str) -> Iterator[TextIO]:
    with remote_output(url) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        yield text
        text.detach()
