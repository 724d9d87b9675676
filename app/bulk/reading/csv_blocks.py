"""Cuts a CSV file into blocks of whole lines, and says which can be read as plain CSV."""

from __future__ import annotations

import io
from collections.abc import Iterator
from io import BufferedIOBase
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

BLOCK = 8 << 20
"""Bytes of a block: large enough for numpy and pyarrow, small enough to have several."""

LONGEST_LINE = 100_000
"""Bytes; the csv module refuses cells that are hardly longer."""

_BOM = b"\xef\xbb\xbf"
_NEWLINE, _RETURN, _QUOTE = b'\n\r"'


class Block(NamedTuple):
    """Whole lines of a file.

    Attributes:
        line: number of the first.
        lines: how many they are.
        data: all their bytes.
        returns: whether some end with a carriage return alone.
    """

    line: int
    lines: int
    data: bytes
    returns: bool


class Rest(NamedTuple):
    """The rest of a file that goes on with a line of any length, and the number of that line."""

    line: int
    file: BufferedIOBase


def blocks(file: BufferedIOBase, line: int, size: int) -> Iterator[Block | Rest]:
    """Cut a file after line feeds; the rest, if none comes in a block's size, stays whole.

    Args:
        file: read from where it stands.
        line: number of the first line.
        size: bytes of a block, about.
    """
    left = b""
    while more := file.read(size):
        data = left + more
        end = data.rfind(b"\n") + 1
        if not end:
            yield Rest(line, joined(data, file))
            return
        data, left = data[:end], data[end:]
        block = _block(line, data)
        yield block
        line += block.lines
    if left:
        yield _block(line, left)


def joined(start: bytes, file: BufferedIOBase) -> io.BufferedReader:
    """Put bytes that were read before the rest of a file."""
    return io.BufferedReader(_Joined(start, file))


class _Joined(io.RawIOBase):
    """Bytes, and the file that goes on with them."""

    def __init__(self, start: bytes, file: BufferedIOBase) -> None:
        self._start = io.BytesIO(start)
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # any buffer
        return self._start.readinto(buffer) or self._file.readinto(buffer)


def _block(line: int, data: bytes) -> Block:
    feeds, returns = int(np.count_nonzero(_bytes(data) == _NEWLINE)), lone_returns(data)
    ended = data.endswith((b"\n", b"\r"))
    return Block(line, feeds + returns + (not ended), data, returns > 0)


def lone_returns(data: bytes) -> int:
    """Count carriage returns that are line ends alone."""
    if b"\r" not in data:
        return 0
    found = _bytes(data) == _RETURN
    followed = found[:-1] & (_bytes(data)[1:] == _NEWLINE)
    return int(np.count_nonzero(found)) - int(np.count_nonzero(followed))


def is_plain(block: Block, delimiter: bytes) -> bool:
    """Whether any reader of CSV finds the same cells in a block.

    Args:
        block: its lines.
        delimiter: one byte.
    """
    data = block.data
    return (
        not data.startswith(_BOM)
        and not block.returns
        and _lines_are_short(data)
        and _is_utf8(data)
        and (b'"' not in data or _quotes_are_plain(_bytes(data), delimiter[0]))
    )


def _bytes(data: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(data, np.uint8)


def _is_utf8(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _lines_are_short(data: bytes) -> bool:
    at = 0
    while at + LONGEST_LINE < len(data):
        at = data.rfind(b"\n", at, at + LONGEST_LINE) + 1
        if not at:
            return False
    return True


def _quotes_are_plain(data: NDArray[np.uint8], delimiter: int) -> bool:
    """Whether quotes are only around whole cells, in which no line ends and no quote is."""
    at = np.flatnonzero(data == _QUOTE)
    if len(at) % 2:
        return False
    padded = np.append(data, np.uint8(_NEWLINE))  # the end ends a line; so does what is before
    before, after = padded[at[::2] - 1], padded[at[1::2] + 1]
    if not ((before == delimiter) | (before == _NEWLINE)).all():
        return False
    if not ((after == delimiter) | (after == _NEWLINE) | (after == _RETURN)).all():
        return False
    line_ends = np.flatnonzero(data == _NEWLINE)
    return not (np.searchsorted(at, line_ends) % 2).any()
