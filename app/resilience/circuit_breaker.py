"""Keeps calls away from a part that failed several times in a row."""

from __future__ import annotations

import logging
import threading
from time import monotonic

from app.observability.metrics import CIRCUIT_OPEN

log = logging.getLogger(__name__)

RETRY_SECONDS = 2
"""Seconds after which a part that was away is tried again."""

FAILURE_THRESHOLD = 3
"""Failures in a row that open a circuit."""


class CircuitBreaker:
    """Keeps calls away from a part that failed FAILURE_THRESHOLD times in a row.

    While the circuit is open, one call is let through every RETRY_SECONDS. It is our own because
    circuitbreaker lets every caller through at that time, and each would wait for a frozen server;
    pybreaker holds a lock during a call, and calls to a sound part would queue.

    Args:
        name: of the part, for the log.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._failures = 0
        self._again = 0.0
        self._generation = 0  # one more whenever the circuit opens or closes
        self.asked = False
        """Whether any call was made."""
        self._lock = threading.Lock()
        self._open = CIRCUIT_OPEN.labels(name)

    @property
    def opened(self) -> bool:
        """Whether the part counts as away."""
        return self._failures >= FAILURE_THRESHOLD

    @property
    def state(self) -> dict[str, str]:
        """What the last calls found, as `/health/ready` says it."""
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
            The circuit's generation, to be given back with the call's outcome; None where no call
            is to be made.
        """
        generation = self._generation
        if not self.opened:
            return generation
        with self._lock:
            now = monotonic()
            if now < self._again:
                return None
            self._again = now + RETRY_SECONDS  # this one tries, the others go on
            return self._generation

    def record_success(self, generation: int) -> None:
        """Record that the part answered a call which began in this generation.

        An answer to a call from before the circuit opened says nothing of the part as it is now.
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
        """Record that a call which began in this generation failed.

        One from before the circuit opened or closed has nothing to say of the part as it is now.

        Args:
            generation: as `begin` gave it.
            error: what the part raised.
            waiting: other callers that have waited for long; they count as failures too.
        """
        with self._lock:
            self.asked = True
            if generation != self._generation:
                return
            opened = self.opened
            self._failures += 1 + waiting
            self._again = monotonic() + RETRY_SECONDS
            opens = self.opened and not opened
            if opens:
                self._generation += 1
                self._open.set(1)
        if opens:
            log.warning("%s is away: %s", self.name, _reason(error))


def _reason(error: Exception) -> str:
    """The first line of what the part said: the rest may be a statement with its values."""
    cause = getattr(error, "orig", None) or error
    lines = str(cause).splitlines() or [""]
    return f"{type(cause).__name__}: {lines[0][:200]}"
