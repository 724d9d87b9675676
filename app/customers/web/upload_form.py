"""Reads the form of an upload, in memory: nothing that is sent touches the disk."""

from __future__ import annotations

import io
from dataclasses import dataclass

from flask import request
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

from app.customers.web.upload_limits import MAX_BYTES, MAX_UPLOAD, UploadError
from app.customers.web.upload_packing import unpack_again
from app.http.request_parsing import whole_body

MAX_PARTS = 10
"""Parts of a form; it has five."""

MAX_NAME = 80
"""Characters that are shown of a file's name."""

NO_FILE = "Choose a file first."


@dataclass(frozen=True)
class UploadForm:
    """What was sent.

    Attributes:
        content: of the file, as it came.
        name: of the file, without its folder.
        policy: whose threshold decides.
        id_column: the column of the id; empty for one of the usual names.
        as_csv: whether to answer a CSV file, not a page.
    """

    content: bytes
    name: str
    policy: str
    id_column: str
    as_csv: bool


def read_form() -> UploadForm:
    """Read the form of the request.

    Raises:
        UploadError: the form is too large, has no file, or a field that no page sends.
        Problem: the body broke off.
    """
    request.max_content_length = MAX_UPLOAD
    try:
        fields, files = _parts(whole_body())
    except RequestEntityTooLarge:
        raise UploadError(f"The file is larger than {MAX_BYTES >> 20} MB.", 413) from None
    policy = fields.get("policy", "default")
    as_csv = fields.get("as") == "csv"
    if "again" in fields:
        return UploadForm(unpack_again(fields["again"]), "customers.csv", policy, "", as_csv)
    file = files.get("file")
    if file is None or not file.filename:
        raise UploadError(NO_FILE)
    content = file.stream.read()
    return UploadForm(
        content, _plain(file.filename), policy, fields.get("id_column", "").strip(), as_csv
    )


def _parts(body: bytes) -> tuple[MultiDict[str, str], MultiDict[str, FileStorage]]:
    """Parse a form; werkzeug's own parser would write a file of over 500 kB to the disk."""
    parser = FormDataParser(
        stream_factory=lambda *_, **__: io.BytesIO(),
        max_form_memory_size=MAX_BYTES,
        max_form_parts=MAX_PARTS,
        silent=False,
    )
    try:
        _, fields, files = parser.parse(
            io.BytesIO(body), request.mimetype, len(body), request.mimetype_params
        )
    except ValueError:
        raise UploadError("The form cannot be read: send it as multipart/form-data.") from None
    return fields, files


def _plain(filename: str) -> str:
    """Return a file's name without folder and control characters; browsers send any."""
    name = filename.replace("\\", "/").rpartition("/")[2]
    return "".join(c if c.isprintable() else "?" for c in name)[-MAX_NAME:] or "file"
