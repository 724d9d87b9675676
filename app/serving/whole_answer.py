"""Sends the head of an answer together with its body."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle


class WholeAnswer:
    """The transport of one answer, whose head waits for what follows it.

    uvicorn writes the head by itself. A worker that is killed between two writes would leave a
    client with the head alone, and no proxy can ask again once it has passed that on.

    Args:
        cycle: uvicorn's request and answer.
    """

    def __init__(self, cycle: RequestResponseCycle) -> None:
        self._transport = cycle.transport
        self._cycle = cycle
        self._head: bytes | None = None

    def write(self, data: bytes) -> None:
        """Write, but the head; what is written before it asks for the request's body."""
        if self._cycle.response_started and self._head is None:
            self._head = data
            return
        self._transport.write((self._head or b"") + data)
        if self._head:
            self._head = b""

    def finish(self) -> None:
        """Write a head that nothing followed."""
        if self._head:
            self._transport.write(self._head)
            self._head = b""

    def close(self) -> None:
        """Close the connection when everything is written."""
        self.finish()
        self._transport.close()

    def is_closing(self) -> bool:
        """Whether the connection is closed, or will be."""
        return self._transport.is_closing()
