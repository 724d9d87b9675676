"""`RATE_LIMIT`: counts the requests of each caller, by key or address."""

from __future__ import annotations

import re
from functools import lru_cache
from math import ceil
from time import time
from typing import Any

from flask import Flask, g
from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage, RedisStorage, Storage
from redis import ConnectionPool
from redis.exceptions import RedisError
from werkzeug.exceptions import TooManyRequests

from app.config import SettingError
from app.resilience.circuit_breaker import CircuitBreaker
from app.resilience.redis_client import redis_client
from app.services import services_of

PREFIX, SCOPE = "churn", "all-routes"
"""Parts of the storage's keys, before and after the caller."""

LONGEST = 366 * 24 * 3600
"""The longest period of a limit, in seconds."""


class RedisOrMemoryStorage(Storage):
    """Counts in Redis, and in memory while Redis doesn't answer.

    It raises nothing, so a request doesn't fail because it cannot be counted.
    """

    STORAGE_SCHEME = ["shared"]  # noqa: RUF012 - the base class's attribute

    def __init__(self, pool: ConnectionPool) -> None:
        super().__init__()
        self._redis = RedisStorage("redis://", connection_pool=pool)
        self._memory = MemoryStorage()
        self._breaker = CircuitBreaker("rate-limit", threshold=1)

    @property
    def base_exceptions(self) -> type[Exception]:
        """The exceptions that the storage may raise."""
        return RedisError

    def _call(self, method: str, *args: str | int) -> Any:
        generation = self._breaker.begin()
        if generation is not None:
            try:
                answer = getattr(self._redis, method)(*args)
            except Exception as error:  # of any kind: the request continues
                self._breaker.record_failure(generation, error)
            else:
                self._breaker.record_success(generation)
                return answer
        return getattr(self._memory, method)(*args)

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count a request, as `limits.storage.Storage` describes; so do the other methods."""
        count: int = self._call("incr", key, expiry, amount)
        return count

    def get(self, key: str) -> int:
        """Return the count."""
        count: int = self._call("get", key)
        return count

    def get_expiry(self, key: str) -> float:
        """Return when the count ends, in seconds since the epoch."""
        expiry: float = self._call("get_expiry", key)
        return expiry

    def clear(self, key: str) -> None:
        """Reset the count."""
        self._call("clear", key)

    def check(self) -> bool:
        """Whether counting works: always."""
        return True

    def reset(self) -> int | None:
        """Reset every count."""
        forgotten: int | None = self._call("reset")
        return forgotten


class RateLimit:
    """The limit of each caller's requests over all routes; public routes don't count.

    Args:
        rate: such as `100/second` or `10/second;1000/hour`.
        cache_url: the Redis in which all processes count; without one, each process counts alone.
        seconds: time limit of a call to Redis; then the request is counted in memory.

    Raises:
        SettingError: the rate or the address is invalid.
    """

    def __init__(self, rate: str, cache_url: str, seconds: float) -> None:
        try:
            self._rates = sorted(parse_many(rate))
        except ValueError:
            self._rates = []
        counted = all(r.amount > 0 and r.get_expiry() <= LONGEST for r in self._rates)
        if not self._rates or not counted or re.search(r"(/|per)\s*0+\D", rate):
            raise SettingError(f"RATE_LIMIT is {rate!r}: give a rate such as 100/second")
        self.waits = bool(cache_url)
        """Whether counting waits for another process."""
        self._storage = _storage(cache_url, seconds)

    def count(self, caller: str) -> None:
        """Count a request.

        Raises:
            TooManyRequests: it exceeds the limit; says after how many seconds to ask again.
        """
        for rate in self._rates:
            # As the library's fixed window does, which makes the key each time.
            key = _key(rate, caller)
            if self._storage.incr(key, rate.get_expiry()) > rate.amount:
                left = self._storage.get_expiry(key) - time()
                raise TooManyRequests(
                    f"The limit is {rate} for each caller", retry_after=max(1, ceil(left))
                )


@lru_cache(maxsize=1024)
def _key(rate: RateLimitItem, caller: str) -> str:
    return rate.key_for(PREFIX, caller, SCOPE)


def _storage(cache_url: str, seconds: float) -> Storage:
    if not cache_url:
        return MemoryStorage()
    try:
        return RedisOrMemoryStorage(redis_client(cache_url, seconds).connection_pool)
    except ValueError as error:
        raise SettingError(f"CACHE_URL: {error}") from None


def init_app(app: Flask, rate: str, cache_url: str, seconds: float) -> None:
    """Count each request that has a caller; the guard, which notes them, is registered before.

    Raises:
        SettingError: as `RateLimit` does.
    """
    limit = services_of(app).rate_limit = RateLimit(rate, cache_url, seconds)

    @app.before_request
    def count() -> None:
        if "caller" in g:
            limit.count(g.caller)
