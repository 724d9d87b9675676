"""How much one upload may have, and the error that says so."""

from __future__ import annotations

UPLOAD = "/upload"

MAX_CUSTOMERS = 5000

MAX_BYTES = 5 << 20
"""Bytes of a file, as sent and unpacked."""

MAX_UPLOAD = MAX_BYTES + (64 << 10)
"""Bytes of the request's body: a file, and the rest of the form."""

MAX_UPLOADS = 2
"""Uploads at a time in each worker; the others are refused."""


class UploadError(Exception):
    """An upload that cannot be scored; the message says what is wrong and what to do.

    Args:
        message: whole sentences, for the page.
        status: of the answer.
    """

    def __init__(self, message: str, status: int = 422) -> None:
        super().__init__(message)
        self.status = status
