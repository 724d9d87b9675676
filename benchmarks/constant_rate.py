"""Requests at a constant rate over a fixed number of connections, timed from when each was due.

A client that waits for a slow answer before it asks again leaves out the requests that would have
waited, too. Here each has its moment; if no connection is free then, it waits, and that counts.
No packaged tool does so: wrk and hey wait, and h2load and vegeta measure from when they sent.
"""

from __future__ import annotations

import argparse
import gc
import json
import re
import select
import socket
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from tools.cores import LOAD_CORE, on_core

CONNECTIONS = 64

PATIENCE_SECONDS = 30
"""Seconds after the last request was due in which all must be answered."""

_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)


class Client:
    """The connections, and the times of what was sent over them.

    Args:
        url: where the body is posted.
        body: JSON.
    """

    def __init__(self, url: str, body: bytes) -> None:
        parts = urlsplit(url)
        head = f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self._request = head.encode() + body
        self._answers = select.epoll()
        self._free: deque[socket.socket] = deque()
        self._busy: dict[int, tuple[socket.socket, float, bytes]] = {}
        for _ in range(CONNECTIONS):
            connection = socket.create_connection((parts.hostname, parts.port))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._answers.register(connection, select.EPOLLIN)
            self._free.append(connection)
        self.waited: list[float] = []
        """Seconds from when a request was due until its answer was there."""
        self.late: list[float] = []
        """Seconds from when a request was due until this client noticed."""

    def send(self, rate: float, seconds: float) -> None:
        """Send the requests, and wait for the answers; ends the program if one fails."""
        due: deque[float] = deque()
        start, number, total = time.perf_counter(), 0, int(rate * seconds)
        while len(self.waited) < total:
            now = time.perf_counter()
            while number < total and start + number / rate <= now:
                due.append(start + number / rate)
                self.late.append(now - due[-1])
                number += 1
            while due and self._free:
                connection = self._free.popleft()
                self._busy[connection.fileno()] = connection, due.popleft(), b""
                connection.sendall(self._request)
            for file, _ in self._answers.poll(0):  # sleeping would be late by the timer's grain
                self._receive(file)
            if now > start + seconds + PATIENCE_SECONDS:
                raise SystemExit(f"{total - len(self.waited)} requests were not answered")

    def close(self) -> None:
        """Close the connections."""
        self._answers.close()
        for connection in (*self._free, *(busy[0] for busy in self._busy.values())):
            connection.close()

    def _receive(self, file: int) -> None:
        if file not in self._busy:
            raise SystemExit("an idle connection was closed")
        connection, due, before = self._busy[file]
        came = connection.recv(65536)
        answer = before + came
        if not came or not answer.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"a request failed: {answer[:300]!r}")
        head, end, body = answer.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if end and length and len(body) == int(length[1]):
            self.waited.append(time.perf_counter() - due)
            del self._busy[file]
            self._free.append(connection)
        else:
            self._busy[file] = connection, due, answer


def send(url: str, body: object, rate: float, seconds: float) -> dict[str, float]:
    """Send from a process of its own on the load's core.

    Returns:
        Milliseconds: p50, p99 and p99.9 of the waiting times; `late`, the client's own p99.9.
    """
    with tempfile.NamedTemporaryFile("w") as file, on_core(LOAD_CORE):
        json.dump(body, file)
        file.flush()
        command = [sys.executable, "-m", "benchmarks.constant_rate", url, file.name]
        command += [str(rate), str(seconds)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"the client of {url} failed")
    found: dict[str, float] = json.loads(done.stdout)
    return found


def share(times: Sequence[float], part: float) -> float:
    """Return the milliseconds within which a part of the times lies."""
    return sorted(times)[int(part * (len(times) - 1))] * 1000


def main() -> None:
    """Send, and print the times."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("url")
    options.add_argument("body", type=Path, help="file with the JSON to post")
    options.add_argument("rate", type=float, help="requests a second")
    options.add_argument("seconds", type=float)
    chosen = options.parse_args()
    client = Client(chosen.url, chosen.body.read_bytes())
    gc.disable()
    client.send(chosen.rate, chosen.seconds)
    client.close()
    parts = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999}
    found = {name: share(client.waited, part) for name, part in parts.items()}
    print(json.dumps({**found, "late": share(client.late, 0.999)}))


if __name__ == "__main__":
    main()
