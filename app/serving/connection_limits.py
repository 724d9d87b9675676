"""How much, how long and how many a worker takes."""

from __future__ import annotations

HEAD_SECONDS = 5
"""Seconds for a request line with its headers."""

BODY_SECONDS = 10
"""Seconds for a body."""

WRITE_SECONDS = 5
"""Seconds in which a client must take some of an answer."""

LINGER_SECONDS = 2
"""Seconds in which a refused client can read why; closing at once would lose it."""

DRAIN_SECONDS = 0.3
"""Seconds in which a request may still come over an open connection when the worker ends. A client
may have sent it before it could know."""

MAX_LINE, MAX_HEADER, MAX_HEADERS, MAX_HEAD = 4094, 8190, 100, 32 * 1024
"""Bytes of a request line and of a header, number of headers, bytes of all: gunicorn's, and
nginx's for all."""

MAX_CONNECTIONS = 4096
"""Connections of a worker; beyond that the one that has been idle the longest is closed."""

MAX_HELD = 64 * 1024 * 1024
"""Bytes of unfinished bodies that a worker holds at a time."""
