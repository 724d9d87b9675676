"""Counts requests, in memory or in Redis."""

from __future__ import annotations

import threading
from time import monotonic

from limits.storage import RedisStorage

from app.resilience.redis_client import redis_client

FEW = 1024
"""Counts that may be kept although their periods have ended."""


class CountsInMemory:
    """Counts by key over fixed periods, which end by a clock that nobody sets.

    The library's goes by the time of day: set back an hour, each period would last an hour longer.
    """

    def __init__(self) -> None:
        self._counts: dict[str, tuple[int, float]] = {}
        """How many, and when the period ends."""
        self._most = FEW
        self._lock = threading.Lock()

    def count(self, key: str, period: int) -> int:
        """Count one; return how many there were in this period, in seconds."""
        with self._lock:
            now = monotonic()
            counted, ends = self._counts.get(key, (0, 0.0))
            if ends <= now:
                counted, ends = 0, now + period
                self._forget(now)
            self._counts[key] = counted + 1, ends
            return counted + 1

    def left(self, key: str) -> float:
        """Return the seconds that are left of the period of a key that was counted."""
        return self._counts.get(key, (0, 0.0))[1] - monotonic()

    def _forget(self, now: float) -> None:
        """Drop the counts whose period has ended, once there are many counts."""
        if len(self._counts) >= self._most:
            self._counts = {k: count for k, count in self._counts.items() if count[1] > now}
            self._most = max(FEW, 2 * len(self._counts))


class CountsInRedis:
    """Counts by key over fixed periods for all processes; Redis measures the periods.

    Args:
        url: as CACHE_URL.
        seconds: time limit of a call.

    Raises:
        ValueError: the address cannot be used.
    """

    def __init__(self, url: str, seconds: float) -> None:
        self._client = redis_client(url, seconds)
        pool = self._client.connection_pool
        self._storage = RedisStorage("redis://", connection_pool=pool)

    def count(self, key: str, period: int) -> int:
        """Count one; return how many there were in this period, in seconds."""
        return self._storage.incr(key, period)

    def left(self, key: str) -> float:
        """Return the seconds that are left of the period of a key that was counted."""
        # The library's `get_expiry` adds the time of day.
        return float(self._client.ttl(self._storage.prefixed_key(key)))

    def ping(self) -> None:
        """Ask whether Redis answers, and raise what its client raises if it doesn't."""
        self._client.ping()
