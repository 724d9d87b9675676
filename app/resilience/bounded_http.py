"""Asks other servers over HTTP, and reads no endless answer."""

from __future__ import annotations

import urllib.error
import urllib.request

SIZE_LIMIT = 4 * 1024 * 1024


def read(url: str, seconds: float, body: bytes | None = None) -> bytes:
    """Return the answer to a GET, or to a POST of JSON.

    Args:
        url: of the settings.
        seconds: until the connection, and between two parts of the answer; not for all of it.
        body: to send, or None.

    Raises:
        OSError, http.client.HTTPException: no connection, or another status than success.
        ValueError: the answer is too long.
    """
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=seconds) as answer:  # noqa: S310
            found: bytes = answer.read(SIZE_LIMIT + 1)
    except urllib.error.HTTPError as error:
        error.close()  # an answer too, which keeps the connection open
        raise
    if len(found) > SIZE_LIMIT:
        raise ValueError(url)
    return found
