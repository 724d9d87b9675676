"""Mixed traffic on the service: predictions from features, and of stored customers by id."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from app.customers.files.sample_file import SAMPLE
from tools.servers import Server, wait_until

CLIENTS = 20
CUSTOMERS = [line.partition(",")[0] for line in SAMPLE.read_text().splitlines()[1:201]]
PREDICT = json.dumps(
    {"features": {"tenure": 12, "contract": "One year", "monthly_charges": 65.5}}
).encode()


@dataclass(frozen=True)
class Call:
    """One request and its answer; status 0 where the connection failed.

    `seconds` is what the service says that it took, `waited` what the caller waited.
    """

    at: float
    kind: str
    status: int
    seconds: float
    waited: float
    retry_after: str | None


@dataclass
class Traffic:
    """Clients that call the service, each on its own connection, and the answers."""

    server: Server
    rate: float
    calls: list[Call] = field(default_factory=list)
    _done: threading.Event = field(default_factory=threading.Event)

    def _client(self, number: int) -> None:
        connection = http.client.HTTPConnection(urlsplit(self.server.url).netloc, timeout=60)
        beat = time.monotonic() + number / self.rate
        turn = number
        while not self._done.wait(max(0.0, beat - time.monotonic())):
            beat = max(beat + CLIENTS / self.rate, time.monotonic() - 1)
            turn += 1
            # Of ten calls four look a customer up; of 200 customers some are in the cache.
            kind = "lookup" if turn % 10 < 4 else "predict"
            self._call(connection, kind, turn)
        connection.close()

    def _call(self, connection: http.client.HTTPConnection, kind: str, turn: int) -> None:
        started, status, seconds, retry = time.monotonic(), 0, 0.0, None
        try:
            if kind == "predict":
                headers = {"Content-Type": "application/json"}
                connection.request("POST", "/predict", PREDICT, headers)
            else:
                customer = CUSTOMERS[turn % len(CUSTOMERS)]
                connection.request("GET", f"/customers/{customer}/prediction")
            response = connection.getresponse()
            response.read()
            status, retry = response.status, response.getheader("Retry-After")
            seconds = float(response.headers["Process-Time"]) / 1000
        except (OSError, http.client.HTTPException):
            connection.close()
        waited = time.monotonic() - started
        self.calls.append(Call(started, kind, status, seconds, waited, retry))

    @contextmanager
    def running(self) -> Iterator[None]:
        """Keep it up while the block runs."""
        threads = [threading.Thread(target=self._client, args=(n,)) for n in range(CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._done.set()
            for thread in threads:
                thread.join()

    def of(self, kind: str, since: float = 0.0) -> list[Call]:
        """The calls of a kind that began after a moment."""
        return [call for call in list(self.calls) if call.at >= since and call.kind == kind]

    def wait_for_answers(self) -> None:
        """Wait until fifty calls in a row, twenty of them lookups, are answered with 200."""
        since = len(self.calls)

        def well() -> bool:
            statuses = [call.status for call in self.calls[since:][-50:]]
            return len(statuses) == 50 and set(statuses) == {200}

        wait_until(well, "everything is answered")
