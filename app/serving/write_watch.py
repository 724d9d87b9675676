"""Notices clients that don't read their answer."""

from __future__ import annotations

import asyncio

from app.serving import connection_limits as limits


class WriteWatch:
    """Aborts a connection unless its client takes some of the answer from time to time."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._timer: asyncio.TimerHandle | None = None

    def start(self, left: int | None = None) -> None:
        """Look again later, as long as there is something to write."""
        self.stop()
        now = self._transport.get_write_buffer_size()
        if now and now == left:
            self._transport.abort()
        elif now:
            self._timer = self._loop.call_later(limits.WRITE_SECONDS, self.start, now)

    def stop(self) -> None:
        """Look no more."""
        if self._timer:
            self._timer.cancel()
