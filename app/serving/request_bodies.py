"""Reads the bodies of requests on the event loop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.http.request_parsing import MOST_READ_PAST
from app.serving import connection_limits as limits
from app.serving.connection import BROKEN


class OverloadError(Exception):
    """The worker holds too many bytes of unfinished bodies."""


class RequestBodies:
    """Reads bodies as a whole; the connection limits the time.

    Args:
        most: bytes of a body.
        larger: bytes of a body at the paths that take more.
    """

    def __init__(self, most: int, larger: Mapping[str, int]) -> None:
        self._most = most
        self._larger = larger
        self._held = 0

    async def read(self, scope: dict[str, Any], receive: Any, environ: dict[str, Any]) -> bytes:
        """Return the body, and set its length in the environment.

        Flask refuses a body that is shorter than its length, or whose length is beyond the limit:
        so one that broke off, or was too large, gets such a length.

        Raises:
            OverloadError: the worker holds too much already.
        """
        most = self._larger.get(environ["PATH_INFO"], self._most)
        declared = int(environ.get("CONTENT_LENGTH", "0"))
        if declared > most and "HTTP_EXPECT" in environ:
            return b""  # its sender waits for our word
        message = await receive()
        body: bytes = message.get("body", b"")
        size = len(body)
        if message.get("more_body"):
            body, size = await self._rest(receive, body, most)
        broken = BROKEN in scope or message["type"] != "http.request"
        environ["CONTENT_LENGTH"] = str(max(declared, size + 1) if broken else size)
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        return body

    async def _rest(self, receive: Any, first: bytes, most: int) -> tuple[bytes, int]:
        """Return what is kept of a body that comes in parts, and its size."""
        parts, size, more = [first], len(first), True
        self._held += size
        try:
            while more and size <= MOST_READ_PAST:
                if self._held > limits.MAX_HELD:
                    raise OverloadError
                message = await receive()
                part, more = message.get("body", b""), message.get("more_body", False)
                size += len(part)
                if size <= most:
                    self._held += len(part)
                    parts.append(part)
            return (b"".join(parts) if size <= most else b""), size
        finally:
            self._held -= sum(map(len, parts))
