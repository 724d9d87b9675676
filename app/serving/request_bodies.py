"""Reads the bodies of requests on the event loop."""

from __future__ import annotations

from typing import Any

from app.serving.connection import BROKEN

MOST_READ_PAST = 64 * 1024 * 1024
"""Bytes read of a body that is too large, so that its sender gets the answer."""


class RequestBodies:
    """Reads bodies as a whole; the connection limits the time.

    Args:
        most: bytes of a body.
    """

    def __init__(self, most: int) -> None:
        self._most = most

    async def read(self, scope: dict[str, Any], receive: Any, environ: dict[str, Any]) -> bytes:
        """Return the body, and set its length in the environment.

        Flask refuses a body that is shorter than its length, or whose length is beyond the limit:
        so one that broke off, or was too large, gets such a length.
        """
        length = environ.get("CONTENT_LENGTH", "0")
        if int(length) > self._most and "HTTP_EXPECT" in environ:
            return b""  # its sender waits for our word
        message = await receive()
        body: bytes = message.get("body", b"")
        more = message.get("more_body", False)
        if more:
            parts, size = [body], len(body)
            while more and size < MOST_READ_PAST:
                message = await receive()
                more = message.get("more_body", False)
                size += len(message.get("body", b""))
                if size <= self._most:
                    parts.append(message.get("body", b""))
            if size > self._most:
                environ["CONTENT_LENGTH"] = str(size)
                return b""
            body = b"".join(parts)
        whole = message["type"] == "http.request" and BROKEN not in scope
        environ["CONTENT_LENGTH"] = str(len(body) if whole else len(body) + 1)
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        return body
