"""Decodes a file of customers: its lines, or its whole text."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from itertools import count
from typing import BinaryIO

from app.customers.files.file_format import FileError, open_text

MAX_LINE = 1_000_000
"""Characters of a line; a longer line can't be a customer."""

TOO_LONG = f"a line of more than {MAX_LINE} characters"

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_UTF32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_UNDECODED = re.compile("[\udc80-\udcff]")
"""What surrogateescape makes of bytes that aren't UTF-8."""


class TextFile:
    """The text of a file.

    Args:
        file: bytes in UTF-8, or UTF-16 with a byte order mark; gzip of such.
        name: of the file, for messages.

    Raises:
        FileError: the file isn't text.
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        self.name = name
        self.content, head, self.packed = open_text(file, name)
        wide = head.startswith(_UTF16)
        if head.startswith(_UTF32) or (not wide and b"\0" in head[:4]):
            raise _not_utf8(name, 1)
        self.encoding = "UTF-16" if wide else "UTF-8"
        codec, errors = ("utf-16", "replace") if wide else ("utf-8-sig", "surrogateescape")
        self._text = io.TextIOWrapper(self.content, codec, errors)
        self.head = head
        """The first bytes."""
        self.start = head.decode(codec, "ignore").lstrip()
        """The beginning of the text."""

    @property
    def how(self) -> str:
        """Encoding, line ends and packing, as far as they are worth a word."""
        ends = ", CR line ends" if self._text.newlines == "\r" else ""
        return f"{self.encoding}{ends}{', gzip' if self.packed else ''}"

    def lines(self) -> Iterator[tuple[int, str | None]]:
        """Yield the lines as `numbered_lines` does."""
        return numbered_lines(self._text, self.name)

    def read(self, most: int) -> str:
        """Return the whole text, or its first `most` characters.

        Raises:
            FileError: it isn't UTF-8.
        """
        text = self._text.read(most)
        if wrong := _UNDECODED.search(text):
            raise _not_utf8(self.name, text.count("\n", 0, wrong.start()) + 1)
        return text


def numbered_lines(
    text: io.TextIOWrapper, name: str, first: int = 1
) -> Iterator[tuple[int, str | None]]:
    """Yield number and text of each line, or None for one that is too long.

    Args:
        text: undecoded bytes are surrogates.
        name: of the file, for messages.
        first: number of the first line.

    Raises:
        FileError: a line isn't UTF-8.
    """
    for number in count(first):
        line = text.readline(MAX_LINE)
        if not line:
            return
        if not line.isascii() and _UNDECODED.search(line):
            raise _not_utf8(name, number)
        if len(line) < MAX_LINE or line.endswith("\n"):
            yield number, line.rstrip("\n")
            continue
        yield number, None
        while line and not line.endswith("\n"):
            line = text.readline(MAX_LINE)


def _not_utf8(name: str, line: int) -> FileError:
    return FileError(f"{name}:{line}: not UTF-8: save the file as UTF-8")
