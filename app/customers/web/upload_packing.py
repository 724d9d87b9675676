"""Unpacks an uploaded file within a bound, and packs customers into a form's field."""

from __future__ import annotations

import base64
import bz2
import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

from app.customers.files.parquet_file import MAGIC, ParquetTable
from app.customers.web.upload_limits import MAX_BYTES, UploadError
from model.features import Contract

MAX_AGAIN = 100_000
"""Bytes of packed customers that a page carries; with more it would weigh too much."""

_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_DOCUMENTS = {"[Content_Types].xml", "mimetype"}
"""Entries that tell a workbook from an archive; the reader refuses it by name."""

_BOUNDED_KINDS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Of the others, zipfile unpacks all at once, however little of it is asked for."""

_SIDE_ENTRIES = ("__MACOSX/", ".DS_Store")


def unpack(content: bytes, name: str) -> bytes:
    """Return the content of a file, unpacked if it is a gzip file or a zip archive.

    A Parquet file unpacks itself; it must say that it unpacks to little.

    Raises:
        FileError: a Parquet file is damaged, or cannot be read here.
        UploadError: it unpacks to too much, is damaged, or is not one file.
    """
    if content.startswith(_GZIP):
        unpacked = _bounded(gzip.GzipFile(fileobj=io.BytesIO(content)), name)
    elif content.startswith(_ZIP):
        unpacked = _of_zip(content, name)
    else:
        unpacked = content
    if len(unpacked) > MAX_BYTES:
        raise UploadError(f"{name}: larger than {MAX_BYTES >> 20} MB.", 413)
    if unpacked.startswith(MAGIC):
        if ParquetTable(io.BytesIO(unpacked), name).unpacked_bytes > MAX_BYTES:
            raise _too_much(name)
    elif unpacked.startswith(_GZIP):
        raise UploadError(f"{name}: an archive inside another. Unpack it, and give a CSV file.")
    return unpacked


def _of_zip(content: bytes, name: str) -> bytes:
    """Return the one file of an archive, or the archive if it is a workbook."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if _DOCUMENTS & {entry.filename for entry in entries}:
                return content
            files = [e for e in entries if not e.is_dir() and not _beside(e.filename)]
            if len(files) != 1:
                raise UploadError(
                    f"{name}: a zip archive with {len(files)} files. Give one with a single file."
                )
            if files[0].flag_bits & 1:
                raise UploadError(f"{name}: the archive has a password. Unpack it first.")
            if files[0].compress_type not in _BOUNDED_KINDS:
                raise _damaged(name)
            with archive.open(files[0]) as file:
                return _bounded(file, name)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError):
        raise _damaged(name) from None


def _beside(name: str) -> bool:
    return name.startswith(_SIDE_ENTRIES) or name.endswith(_SIDE_ENTRIES)


def _bounded(file: Any, name: str) -> bytes:
    """Read a file that unpacks itself, at most a byte more than is allowed."""
    try:
        unpacked: bytes = file.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, ValueError):
        raise _damaged(name) from None
    if len(unpacked) > MAX_BYTES:
        raise _too_much(name)
    return unpacked


def _too_much(name: str) -> UploadError:
    return UploadError(f"{name}: it unpacks to more than {MAX_BYTES >> 20} MB.", 413)


def _damaged(name: str) -> UploadError:
    return UploadError(f"{name}: the archive is damaged, incomplete or of an unknown kind.")


def pack_again(contract: Contract, customers: Iterable[tuple[str, Mapping[str, Any]]]) -> str:
    """Pack ids and features into text for a hidden field, or nothing if they are too many.

    bzip2 makes them smallest: 5,000 customers of the telco file take 66 kB, and gzip takes 107.
    """
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(["customer_id", *contract.names])
    for customer, features in customers:
        rows.writerow([customer, *[features.get(name) for name in contract.names]])
    packed = bz2.compress(text.getvalue().encode())
    return base64.b64encode(packed).decode() if len(packed) <= MAX_AGAIN else ""


def unpack_again(field: str) -> bytes:
    """Return the CSV file in the hidden field of an answer.

    Raises:
        UploadError: no page has sent it so.
    """
    try:
        packed = base64.b64decode(field, validate=True)
        return bz2.BZ2Decompressor().decompress(packed, MAX_BYTES + 1)[: MAX_BYTES + 1]
    except (ValueError, OSError):
        raise UploadError("The form was changed on its way. Choose the file again.") from None
