"""Stops calls to a part that failed several times in a row."""

from __future__ import annotations

import logging
import threading
from time import monotonic

from app.observability.metrics import CIRCUIT_OPEN

log = logging.getLogger(__name__)

RETRY_SECONDS = 2
"""Seconds after which an open circuit lets one call through."""

FAILURE_THRESHOLD = 3
"""Failures in a row that open a circuit."""


class CircuitBreaker:
    """Stops calls to a part that failed several times in a row.

    While the circuit is open, one call goes through every RETRY_SECONDS. circuitbreaker lets every
    caller through at that time, and each would wait for a frozen server; pybreaker holds a lock
    during a call, so calls to a sound part would queue. Hence our own.

    Args:
        name: of the part, for metrics and log.
        threshold: failures in a row that open the circuit.
    """

    def __init__(self, name: str, threshold: int = FAILURE_THRESHOLD) -> None:
        self.name = name
        self._threshold = threshold
        self._failures = 0
        self._next_try = 0.0
        self._generation = 0  # incremented whenever the circuit opens or closes
        self.asked = False
        """Whether any call was made."""
        self._lock = threading.Lock()
        self._open = CIRCUIT_OPEN.labels(name)

    @property
    def opened(self) -> bool:
        """Whether the circuit is open."""
        return self._failures >= self._threshold

    @property
    def state(self) -> dict[str, str]:
        """The result of the last calls, as `/health/ready` reports it."""
        if self.opened:
            detail = f"did not answer; tried again every {RETRY_SECONDS} seconds"
            return {"status": "failing", "detail": detail}
        if not self.asked:
            return {"status": "ok", "detail": "not asked yet"}
        said = "did not answer" if self._failures else "answered"
        return {"status": "ok", "detail": f"{said} when it was asked last"}

    def begin(self) -> int | None:
        """Ask whether to make a call now.

        Returns:
            The circuit's generation, to be passed back with the call's result; None if no call may
            be made.
        """
        generation = self._generation
        if not self.opened:
            return generation
        with self._lock:
            now = monotonic()
            if now < self._next_try:
                return None
            self._next_try = now + RETRY_SECONDS  # this call tries; the others don't
            return self._generation

    def record_success(self, generation: int) -> None:
        """Record a success of a call that began in this generation.

        An answer to a call from before the circuit opened doesn't show that the part works now.
        """
        with self._lock:
            self.asked = True
            if generation != self._generation:
                return
            closes, self._failures = self.opened, 0
            if closes:
                self._generation += 1
                self._open.set(0)
        if closes:
            log.warning("%s answers again", self.name)

    def record_failure(self, generation: int, error: Exception, waiting: int = 0) -> None:
        """Record a failure; callers that have already waited half their limit count too.

        A call from before the circuit opened or closed doesn't count.

        Args:
            generation: from `begin`.
            error: that the call raised.
            waiting: other callers that have waited for long.
        """
        with self._lock:
            self.asked = True
            if generation != self._generation:
                return
            opened = self.opened
            self._failures += 1 + waiting
            self._next_try = monotonic() + RETRY_SECONDS
            opens = self.opened and not opened
            if opens:
                self._generation += 1
                self._open.set(1)
        if opens:
            log.warning("%s is unavailable: %s", self.name, _reason(error))


def _reason(error: Exception) -> str:
    """Return the first line of the error; the rest may be a statement with its values."""
    cause = getattr(error, "orig", None) or error
    lines = str(cause).splitlines() or [""]
    return f"{type(cause).__name__}: {lines[0][:200]}"
