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

    def allows_call(self) -> bool:
        """Whether to make a call now; record then whether it was a success or a failure."""
        if not self.opened:
            return True
        with self._lock:
            now = monotonic()
            if now < self._again:
                return False
            self._again = now + RETRY_SECONDS  # this one tries, the others go on
            return True

    def record_success(self) -> None:
        """The part answered."""
        if self.opened:
            log.warning("%s answers again", self.name)
        self.asked, self._failures = True, 0
        self._open.set(0)

    def record_failure(self, error: Exception, waiting: int = 0) -> None:
        """Record a failure.

        Args:
            error: what the part raised.
            waiting: other callers that have waited for long; they count as failures too.
        """
        with self._lock:
            before, self.asked = self._failures, True
            self._failures += 1 + waiting
            self._again = monotonic() + RETRY_SECONDS
        if before < FAILURE_THRESHOLD <= self._failures:
            self._open.set(1)
            log.warning("%s is away: %s", self.name, _reason(error))


def _reason(error: Exception) -> str:
    """The first line of what the part said: the rest may be a statement with its values."""
    cause = getattr(error, "orig", None) or error
    lines = str(cause).splitlines() or [""]
    return f"{type(cause).__name__}: {lines[0][:200]}"
