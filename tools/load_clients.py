"""Load on a service: a few clients that send requests without a pause, and count the answers."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from urllib.parse import urlsplit


class Load:
    """Clients that send requests until they are stopped.

    Args:
        url: the service's address.
        requests: (method, path, body or None), sent in turn by each client.
        clients: how many.
        pause: seconds between two requests of a client.
        keep: whether each client keeps its connection, as long as the service does.
    """

    def __init__(
        self,
        url: str,
        requests: list[tuple[str, str, object]],
        clients: int = 4,
        pause: float = 0.0,
        keep: bool = False,
    ) -> None:
        self.seen: Counter[tuple[str, int | str]] = Counter()
        """How often each path was answered with each status, or failed and how."""
        self.seconds: list[float] = []
        """How long each took."""
        self._address = urlsplit(url).netloc
        # Encoded once here: the clients share the machine with the service.
        self._requests = [
            (method, path, json.dumps(body) if body else None) for method, path, body in requests
        ]
        self._pause = pause
        self._keep = keep
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._run, args=(i,)) for i in range(clients)]

    @property
    def total(self) -> int:
        """How many requests were answered or failed."""
        return sum(self.seen.values())

    @property
    def failed(self) -> int:
        """How many were not answered with 200."""
        return sum(number for (_, outcome), number in self.seen.items() if outcome != 200)

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End, after the requests that are under way."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self, turn: int) -> None:
        connection = http.client.HTTPConnection(self._address, timeout=60)
        while not self._stop.is_set():
            method, path, body = self._requests[turn % len(self._requests)]
            turn += 1
            started = time.monotonic()
            outcome = self._send(connection, method, path, body)
            with self._lock:
                self.seconds.append(time.monotonic() - started)
                self.seen[path, outcome] += 1
            if self._pause:
                time.sleep(self._pause)
        connection.close()

    def _send(
        self, connection: http.client.HTTPConnection, method: str, path: str, body: str | None
    ) -> int | str:
        headers = {"Content-Type": "application/json"} if body else {}
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            return repr(error)
        if not self._keep:
            connection.close()
        if answer.status == HTTPStatus.SERVICE_UNAVAILABLE and not answer.headers["Retry-After"]:
            return "503 without Retry-After"
        return answer.status


@contextmanager
def load(
    url: str,
    requests: list[tuple[str, str, object]],
    clients: int = 4,
    pause: float = 0.0,
    keep: bool = False,
) -> Iterator[Load]:
    """Keep a load on the service while the block runs."""
    running = Load(url, requests, clients, pause, keep)
    running.start()
    try:
        yield running
    finally:
        running.stop()
