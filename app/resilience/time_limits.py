"""How long a request waits for parts that may be down."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TimeLimits:
    """Seconds, at most; the defaults are the service's."""

    lookup: float = 1.0
    """A lookup in cache and database, or a query of the ranking."""

    redis: float = 0.2
    """A call to Redis for the cache."""

    count: float = 0.05
    """Counting a request in Redis, which predictions wait for; then it is counted in memory."""

    alerts: float = 0.5
    """Prometheus' whole answer; a page read during an incident must not wait longer."""

    check: float = 4.0
    """A check of `/diagnostics` or `churn diagnose`; some measure for a second."""


LIMITS = TimeLimits()
"""The limits of the service."""
