"""Opens a file as bytes of text: unpacks gzip, and refuses formats that are no text."""

from __future__ import annotations

import gzip
import io
import zlib
from typing import BinaryIO, cast

MAX_RATIO = 300
"""Text for each packed byte. Files of customers have 5 to 50; a gzip bomb has 1,000."""

BULK = "pip install --require-hashes -r requirements/bulk.txt"
"""How the extra `bulk` is installed."""

FREE_BYTES = 16 << 20
"""Unpacked before the ratio counts: a small file may repeat itself."""

_HEAD = 4096
_GZIP = b"\x1f\x8b"
_DOCUMENTS = {
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an Excel workbook (xls)",
    b"PAR1": "a Parquet file",  # in a gzip file: a plain one is read
    b"ARROW1": "a Feather file",
    b"SQLite format 3": "an SQLite database",
    b"%PDF": "a PDF file",
}
_ARCHIVES = {
    b"PK\x03\x04": "a zip archive",
    b"PK\x05\x06": "a zip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"(\xb5/\xfd": "a Zstandard archive",
    b"7z\xbc\xaf": "a 7z archive",
    _GZIP: "a gzip archive inside another",
}
_PICTURES = {
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
}
_MARKUP = (b"<!doctype", b"<html", b"<table", b"<?xml")


class FileError(ValueError):
    """The file cannot be read; the message names it, the line and what to give."""


def open_text(file: BinaryIO, name: str) -> tuple[io.BufferedReader, bytes, bool]:
    """Return the file's bytes, its first ones again, and whether it is packed with gzip.

    Raises:
        FileError: it isn't a text file.
    """
    source = _ReadAhead(file)
    packed = source.head.startswith(_GZIP)
    if packed:
        source = _ReadAhead(io.BufferedReader(_Unpacked(source, name)))
    if found := _refused(source.head):
        raise FileError(f"{name}: {found}")
    return io.BufferedReader(source), source.head, packed


def _refused(head: bytes) -> str | None:
    """Name a format that isn't text by its first bytes, and say what to do."""
    found = next((name for magic, name in _DOCUMENTS.items() if head.startswith(magic)), None)
    if head.startswith(b"PK\x03\x04"):
        if b"[Content_Types].xml" in head or b"xl/" in head:
            found = "an Excel workbook (xlsx)"
        elif b"opendocument" in head:
            found = "an OpenDocument spreadsheet (ods)"
    if head.lstrip()[:9].lower().startswith(_MARKUP):
        found = "an HTML or XML document"
    if found:
        return f"{found}: save it as CSV UTF-8"
    for magic, picture in _PICTURES.items():
        if head.startswith(magic):
            return f"{picture}: give a CSV file in UTF-8"
    for magic, archive in _ARCHIVES.items():
        if head.startswith(magic):
            return f"{archive}: unpack it and give a CSV file in UTF-8"
    return None


class _ReadAhead(io.RawIOBase):
    """A file whose first bytes are known; counts the bytes read. A pipe cannot be rewound."""

    def __init__(self, file: object) -> None:
        self._file = cast(io.BufferedIOBase, file)
        self.head = b""
        while len(self.head) < _HEAD and (part := self._file.read1(_HEAD)):
            self.head += part
        self._ahead = self.head
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # any buffer
        if self._ahead:
            part, self._ahead = self._ahead[: len(buffer)], self._ahead[len(buffer) :]
            buffer[: len(part)] = part
            size = len(part)
        else:
            size = self._file.readinto1(buffer)
        self.count += size
        return size


class _Unpacked(io.RawIOBase):
    """The content of a gzip file, up to a ratio."""

    def __init__(self, source: _ReadAhead, name: str) -> None:
        self._source = source
        self._gzip = gzip.GzipFile(fileobj=cast(BinaryIO, io.BufferedReader(source)))
        self._name = name
        self._count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # any buffer
        try:
            part = self._gzip.read1(len(buffer))
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise FileError(f"{self._name}: the gzip file is damaged or not complete") from None
        self._count += len(part)
        if self._count > FREE_BYTES + MAX_RATIO * self._source.count:
            raise FileError(
                f"{self._name}: unpacks to more than {MAX_RATIO} times its size: unpack it yourself"
            )
        buffer[: len(part)] = part
        return len(part)
