"""A proxy before another server that makes it slow, silent or gone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import cast

SLOW_SECONDS = 0.25
"""How much later each piece of an answer comes from a slow server."""


class FaultyProxy:
    """Passes bytes between its clients and a server, as its state says.

    Its loop runs in a thread. `faulty_proxy` makes one.

    Args:
        target: port of the server, on the loopback.
    """

    def __init__(self, target: int) -> None:
        self.port = 0
        """Where it listens, on the loopback."""
        self._target = target
        self._state = "well"
        self._passing = asyncio.Event()
        self._links: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def start(self) -> None:
        """Take connections."""
        self._thread.start()
        self.set("well")

    def set(self, state: str) -> None:
        """Change the state.

        Args:
            state: `well`; `slow`: answers come later; `silent`: clients connect, and nothing comes
                through; `gone`: connections end, and new ones are refused.
        """
        self._run(self._set(state))

    def drop(self) -> None:
        """End all connections; new ones are taken."""
        self._run(self._drop())

    def stop(self) -> None:
        """End."""
        self._run(self._set("gone"))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Coroutine[None, None, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _set(self, state: str) -> None:
        self._state = state
        if state == "silent":
            self._passing.clear()
        else:
            self._passing.set()
        if state == "gone":
            if self._server:
                self._server.close()
                self._server = None
            await self._drop()
        elif self._server is None:
            self._server = await asyncio.start_server(self._link, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def _drop(self) -> None:
        links = list(self._links)
        for link in links:
            link.cancel()
        await asyncio.gather(*links, return_exceptions=True)

    async def _link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = cast("asyncio.Task[None]", asyncio.current_task())
        self._links.add(task)
        server: asyncio.StreamWriter | None = None
        try:
            await self._passing.wait()
            answers, server = await asyncio.open_connection("127.0.0.1", self._target)
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pass_on(reader, server, late=False))
                both.create_task(self._pass_on(answers, writer, late=True))
        except* (OSError, asyncio.CancelledError):
            pass
        finally:
            self._links.discard(task)
            for end in filter(None, (writer, server)):
                end.transport.abort()

    async def _pass_on(
        self, source: asyncio.StreamReader, drain: asyncio.StreamWriter, late: bool
    ) -> None:
        while piece := await source.read(65536):
            await self._passing.wait()
            if late and self._state == "slow":
                await asyncio.sleep(SLOW_SECONDS)
            drain.write(piece)
            await drain.drain()
        raise ConnectionResetError  # one end has closed, so the other must


@contextmanager
def faulty_proxy(target: int) -> Iterator[FaultyProxy]:
    """Run a proxy before a server.

    Args:
        target: port of the server, on the loopback.
    """
    proxy = FaultyProxy(target)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.stop()
