"""Requests to the event loop, byte by byte, and the reading of an answer."""

from __future__ import annotations

import socket

BODY = b'{"features": {"tenure": 12, "contract": "One year", "monthly_charges": 5}}'
HEAD = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
PREDICT = HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
LIVE = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"


def answer(client: socket.socket) -> bytes:
    """One answer, of a connection that stays open."""
    came = b""
    while b"\r\n\r\n" not in came:
        came += client.recv(65536)
    head, _, content = came.partition(b"\r\n\r\n")
    lines = dict(line.split(b": ", 1) for line in head.splitlines()[1:])
    while len(content) < int(lines[b"content-length"]):
        content += client.recv(65536)
    return head + b"\r\n\r\n" + content
