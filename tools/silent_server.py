"""Unavailable servers: one that accepts connections and never answers, and a missing one."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager


class Silent:
    """A listening socket without answers: callers wait until their timeout."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=512)
        self._socket.setblocking(False)
        self._taken: list[socket.socket] = []

    @property
    def address(self) -> str:
        """Host and port."""
        host, port = self._socket.getsockname()
        return f"{host}:{port}"

    def calls(self) -> int:
        """How many connections were made since the last time this was asked."""
        count = 0
        while True:
            try:
                self._taken.append(self._socket.accept()[0])
            except BlockingIOError:
                return count
            count += 1

    def close(self) -> None:
        """Close all connections."""
        for taken in (*self._taken, self._socket):
            taken.close()


@contextmanager
def silent() -> Iterator[Silent]:
    """A silent server, closed at the end."""
    server = Silent()
    try:
        yield server
    finally:
        server.close()


def environment(address: str) -> dict[str, str]:
    """Database, cache and Prometheus at one address."""
    return {
        "DATABASE_URL": f"postgresql://churn@{address}/churn",
        "CACHE_URL": f"redis://{address}/0",
        "PROMETHEUS_URL": f"http://{address}",
    }
