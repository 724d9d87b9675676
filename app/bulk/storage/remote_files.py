"""Files behind URLs: whatever fsspec opens, where it is installed."""

from __future__ import annotations

import errno
import io
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, BinaryIO, cast

from app.customers.files.file_format import BULK, FileError

BLOCK = 1 << 20
"""Bytes that are asked for at once, at least."""


def is_url(address: str) -> bool:
    """Whether an address is a URL, and no path."""
    return "://" in address


@contextmanager
def remote_errors(url: str) -> Iterator[None]:
    """Name the URL in whatever its driver raises.

    Raises:
        OSError: with a text for people.
    """
    try:
        yield
    except FileNotFoundError:
        raise FileNotFoundError(errno.ENOENT, "No such file", url) from None
    except OSError as error:
        if error.filename is None or not error.strerror:
            raise OSError(error.errno or errno.EIO, _line(error), url) from None
        raise
    except Exception as error:  # drivers raise errors of their own libraries
        raise OSError(errno.EIO, _line(error), url) from None


def file_system(url: str) -> tuple[Any, str]:
    """Return the file system of a URL, and the path in it.

    Raises:
        FileError: fsspec or a driver isn't installed, or there is none.
    """
    try:
        from fsspec.core import url_to_fs  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        raise FileError(f"{url}: URLs need fsspec: {BULK}") from None
    try:
        found: tuple[Any, str] = url_to_fs(url)
    except ImportError as error:  # names the package to install
        raise FileError(f"{url}: {_line(error)}") from None
    except ValueError as error:
        raise FileError(f"{url}: {_line(error)}") from None
    return found


@contextmanager
def remote_input(url: str) -> Iterator[BinaryIO]:
    """Open a file to read.

    Raises:
        FileError, OSError: it cannot be opened; also while reading.
    """
    fs, path = file_system(url)
    with remote_errors(url):
        file = fs.open(path, "rb")
    with file:
        yield io.BufferedReader(_Named(file, url), BLOCK)


@contextmanager
def remote_output(url: str) -> Iterator[BinaryIO]:
    """Open a file to write, which appears at the end, unless something fails.

    Raises:
        FileError, OSError: it cannot be written.
    """
    fs, path = file_system(url)
    with ExitStack() as opened:
        with remote_errors(url):
            opened.enter_context(fs.transaction)
            file = opened.enter_context(fs.open(path, "wb"))
        buffered = io.BufferedWriter(cast(io.RawIOBase, _Named(file, url)), BLOCK)
        yield buffered
        buffered.flush()
        with remote_errors(url):
            opened.close()


def read_remote(url: str) -> bytes | None:
    """Return a file's content, or None if there is no such file.

    Raises:
        FileError, OSError: it cannot be read.
    """
    fs, path = file_system(url)
    with remote_errors(url):
        return bytes(fs.cat_file(path)) if fs.exists(path) else None


def remote_size(url: str) -> int | None:
    """Return a file's size, or None if there is no such file.

    Raises:
        FileError, OSError: nobody can tell.
    """
    fs, path = file_system(url)
    with remote_errors(url):
        return int(fs.size(path)) if fs.exists(path) else None


def remove_remote(url: str) -> None:
    """Remove a file if it is there.

    Raises:
        FileError, OSError: it cannot be removed.
    """
    fs, path = file_system(url)
    with remote_errors(url):
        if fs.exists(path):
            fs.rm_file(path)


class _Named(io.RawIOBase):
    """A file whose errors name its URL."""

    def __init__(self, file: Any, url: str) -> None:
        self._file = file
        self._url = url

    def readable(self) -> bool:
        return bool(self._file.readable())

    def writable(self) -> bool:
        return bool(self._file.writable())

    def seekable(self) -> bool:
        return bool(self._file.seekable())

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        with remote_errors(self._url):
            return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        return int(self._file.tell())

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # any buffer
        with remote_errors(self._url):
            part = self._file.read(len(buffer))
        buffer[: len(part)] = part
        return len(part)

    def write(self, part: memoryview) -> int:  # type: ignore[override]  # any buffer
        with remote_errors(self._url):
            self._file.write(bytes(part))
        return len(part)


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__
