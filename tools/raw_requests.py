"""Requests byte by byte, over a socket."""

from __future__ import annotations

import socket

from tools.servers import PATIENCE_SECONDS, Server


def sent(server: Server, request: bytes) -> socket.socket:
    """Open a connection, and send what may be a request."""
    host, _, port = server.url.removeprefix("http://").partition(":")
    client = socket.create_connection((host, int(port)), PATIENCE_SECONDS)
    client.sendall(request)
    return client


def told(client: socket.socket) -> bytes:
    """Everything that comes until the server closes the connection."""
    with client:
        return b"".join(iter(lambda: client.recv(65536), b""))
