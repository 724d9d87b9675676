"""Clients that hold connections open: idle between requests, or sending one byte by byte."""

from __future__ import annotations

import resource
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from tools.raw_requests import sent
from tools.servers import Server

ASKED = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"
TRICKLED = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"

PAUSE = 0.5
"""Seconds between two bytes of a request."""


@contextmanager
def idle(server: Server, number: int) -> Iterator[list[socket.socket]]:
    """Hold connections open that have had an answer each."""
    _allow_files()
    with ExitStack() as stack:
        connections = [stack.enter_context(sent(server, ASKED)) for _ in range(number)]
        for connection in connections:
            connection.recv(65536)
            connection.setblocking(False)
        yield connections


def closed(connection: socket.socket) -> bool:
    """Whether the server has closed an idle connection."""
    try:
        while connection.recv(65536):  # the rest of the answer
            pass
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


@dataclass
class Trickle:
    """Clients that send the head of a request byte by byte, and begin again when cut off."""

    server: Server
    number: int
    cut_off: int = 0
    """How often a connection was closed or refused."""
    _done: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Send until the block of `trickling` ends."""
        places: list[tuple[socket.socket, int] | None] = [None] * self.number
        while not self._done.wait(PAUSE):
            places = [self._next(*(place or (None, 0))) for place in places]
        for place in places:
            if place:
                place[0].close()

    def stop(self) -> None:
        """End."""
        self._done.set()

    def _next(self, client: socket.socket | None, at: int) -> tuple[socket.socket, int] | None:
        """Send the next byte; None if the connection has ended."""
        try:
            client = client or sent(self.server, b"")
            client.send(TRICKLED[at : at + 1])
        except OSError:
            self.cut_off += 1
            if client:
                client.close()
            return None
        return client, (at + 1) % len(TRICKLED)


@contextmanager
def trickling(server: Server, number: int) -> Iterator[Trickle]:
    """Let the clients send while the block runs."""
    _allow_files()
    clients = Trickle(server, number)
    thread = threading.Thread(target=clients.run)
    thread.start()
    try:
        yield clients
    finally:
        clients.stop()
        thread.join()


def _allow_files() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
