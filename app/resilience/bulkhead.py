"""Keeps requests that use one part from taking all threads of a worker."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from app.observability.metrics import REFUSED_BUSY
from app.resilience.unavailable import DependencyBusy

PATIENCE = 0.1
"""Seconds for which a request waits for a place that others leave quickly."""


class Bulkhead:
    """Lets a few requests at a time use a part, and refuses the others at once.

    A sound part answers in milliseconds. So a burst waits as long as places change hands quickly:
    a request that left within PATIENCE, or the first to come when all places were free, buys the
    others PATIENCE. A part that is slower gets no queue, which would only fill the threads.

    Args:
        name: of the part, for messages and metrics.
        places: requests at a time; the sum of all bulkheads must leave threads for other requests.
    """

    def __init__(self, name: str, places: int) -> None:
        self._name = name
        self._places = self._free = places
        self._wait_until = 0.0
        self._left = threading.Condition()
        self._refused = REFUSED_BUSY.labels(name)

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place while the block runs.

        Raises:
            DependencyBusy: no place is free, and none is likely to be soon.
        """
        with self._left:
            if self._free == self._places:
                self._wait_until = monotonic() + PATIENCE
            while not self._free:
                seconds = self._wait_until - monotonic()
                if seconds <= 0:
                    self._refused.inc()
                    raise DependencyBusy(f"{self._name}: busy with {self._places} requests")
                self._left.wait(seconds)
            self._free -= 1
        came = monotonic()
        try:
            yield
        finally:
            with self._left:
                now = monotonic()
                if now - came < PATIENCE:
                    self._wait_until = now + PATIENCE
                self._free += 1
                self._left.notify()
