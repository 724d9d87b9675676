"""How long a request waits for the parts that may be away."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TimeLimits:
    """Seconds, at most; the defaults are the service's."""

    lookup: float = 1.0
    """A lookup in the database, connecting and waiting for a connection included."""

    redis: float = 0.2
    """A call to Redis, for the cache or to count a request."""

    alerts: float = 0.5
    """Prometheus' whole answer: a page that is read in an incident waits no longer."""


LIMITS = TimeLimits()
"""What the service runs with."""
