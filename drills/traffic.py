"""The load on the service during drills, each of whose answers is compared with what it must be."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

CLIENTS = 20
RATE = 60.0
"""Requests a second of all clients together."""

PREDICTIONS = 0.33
"""Share of predictions from features; the others are lookups."""

UNKNOWN = 0.1
"""Share of lookups whose customer isn't stored, so that the database is asked, as a rule."""

REPEATS = 10
"""Of so many turns of lookups the share of unknown customers is made."""


@dataclass(frozen=True)
class Answer:
    """The answer to one request; status 0: the connection failed."""

    at: float
    kind: str
    who: int
    """The customer's number."""

    status: int
    version: str
    probability: float | None

    @property
    def what(self) -> str:
        """Kind and status, as a report names them."""
        return f"{self.kind} {self.status or 'without an answer'}"


class Traffic:
    """Clients that predict from features and look stored customers up, one after the other.

    Args:
        url: where the service is reached.
        key: with the scope `predict`.
        customers: features by id; they are asked for in turn.
        expected: probabilities by version, in the order of customers.
    """

    def __init__(
        self,
        url: str,
        key: str,
        customers: Mapping[str, Mapping[str, Any]],
        expected: Mapping[str, Sequence[float]],
    ) -> None:
        self.unknown = UNKNOWN
        self.answers: list[Answer] = []
        self._address = urlsplit(url).netloc
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._ids = list(customers)
        self._bodies = [json.dumps({"features": features}) for features in customers.values()]
        self._expected = expected
        self._turn = 0
        self._lookups = 0
        self._lock = threading.Lock()
        self._done = threading.Event()

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

    def same_scores(self, version: str, other: str) -> None:
        """Expect of a version what is expected of another one."""
        self._expected = {**self._expected, version: self._expected[other]}

    def since(self, moment: float) -> list[Answer]:
        """Return the answers to requests that began after a moment."""
        return [answer for answer in list(self.answers) if answer.at >= moment]

    def wrong(self, answers: Sequence[Answer]) -> list[str]:
        """Say which answered predictions have another probability than they must have."""
        return [
            f"customer {self._ids[answer.who]} has {answer.probability} by {answer.version}"
            for answer in answers
            if answer.status == 200 and not self._right(answer)
        ]

    def _right(self, answer: Answer) -> bool:
        known = self._expected.get(answer.version)
        return known is not None and known[answer.who] == answer.probability

    def _client(self, number: int) -> None:
        connection = http.client.HTTPConnection(self._address, timeout=30)
        beat = time.monotonic() + number / RATE
        while not self._done.wait(max(0.0, beat - time.monotonic())):
            beat = max(beat + CLIENTS / RATE, time.monotonic() - 1)
            kind, who = self._next()
            self.answers.append(self._ask(connection, kind, who))
        connection.close()

    def _next(self) -> tuple[str, int]:
        """Choose the next request; the kinds are mixed evenly."""
        with self._lock:
            self._turn += 1
            if int(self._turn * PREDICTIONS) > int((self._turn - 1) * PREDICTIONS):
                return "prediction", self._turn % len(self._ids)
            self._lookups += 1
            share = int(self.unknown * REPEATS)
            kind = "unknown" if self._lookups % REPEATS < share else "lookup"
            return kind, self._lookups % len(self._ids)

    def _ask(self, connection: http.client.HTTPConnection, kind: str, who: int) -> Answer:
        started, status = time.monotonic(), 0
        said: dict[str, Any] = {}
        try:
            if kind == "prediction":
                connection.request("POST", "/predict", self._bodies[who], self._headers)
            else:
                customer = self._ids[who] if kind == "lookup" else f"unknown-{who}"
                path = f"/customers/{customer}/prediction"
                connection.request("GET", path, headers=self._headers)
            response = connection.getresponse()
            text = response.read()
            status = response.status
            said = json.loads(text) if status == 200 else {}
        except (OSError, http.client.HTTPException):
            connection.close()
        return Answer(
            started,
            kind,
            who,
            status,
            said.get("model_version", ""),
            said.get("churn_probability"),
        )


def counted(answers: Sequence[Answer]) -> Counter[str]:
    """Count answers by kind and status."""
    return Counter(answer.what for answer in answers)
