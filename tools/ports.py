"""Ports for the servers of tests and figures."""

from __future__ import annotations

import fcntl
import os
import random
import socket
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from itertools import cycle, islice
from pathlib import Path


def _ports() -> Iterator[int]:
    """A thousand ports that no other process of this test run uses, round and round.

    They lie below those that the system gives to clients: nobody takes one between the look at it
    and the server's start. The first is any of them, for another run on the same machine.
    """
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = 11_000 + number % 21 * 1000
    start = first + random.randrange(1000)  # noqa: S311 - a port is no secret
    return cycle([*range(start, first + 1000), *range(first, start)])


_PORTS = _ports()
_RESERVED: dict[int, int] = {}
"""The ports of this process: of each, the lock that keeps other test runs from it."""


def _reserve(port: int) -> bool:
    """Keep a port from the other test runs of this machine until this process ends."""
    if port in _RESERVED:
        return True
    folder = Path(tempfile.gettempdir()) / "churn-ports"
    try:
        folder.mkdir(exist_ok=True)
        lock = os.open(folder / str(port), os.O_CREAT | os.O_RDWR)
    except OSError:  # another user's
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return False
    _RESERVED[port] = lock
    return True


def free_port() -> int:
    """A port that nothing listens on, that was not given lately, and that no other run has."""
    for port in filter(_reserve, islice(_PORTS, 1000)):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError("no port is free")
