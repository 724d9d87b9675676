"""`RATE_LIMIT`: Flask-Limiter counts the requests of each caller, by key or address."""

from __future__ import annotations

import re
from time import time
from typing import Any

from flask import Flask, g
from flask.typing import ResponseReturnValue
from flask_limiter import ApplicationLimit, Limiter, RateLimitExceeded
from limits import parse_many
from limits.storage import MemoryStorage, RedisStorage, Storage
from redis import ConnectionPool
from redis.exceptions import RedisError
from werkzeug.exceptions import TooManyRequests

from app.config import SettingError
from app.resilience.circuit_breaker import CircuitBreaker
from app.resilience.redis_client import redis_client
from app.resilience.time_limits import LIMITS
from app.services import services_of

PREFIX, SCOPE = "churn", "all-routes"
"""Parts of the storage's keys, before and after the caller."""

LONGEST = 366 * 24 * 3600
"""The longest period of a limit, in seconds."""


class RedisOrMemoryStorage(Storage):
    """Counts in Redis, and in memory while Redis doesn't answer.

    Flask-Limiter's own fallback tries Redis again only after up to a minute. If two requests find
    Redis gone at the same moment, it answers the second with 500. This one raises nothing.
    """

    STORAGE_SCHEME = ["shared"]  # noqa: RUF012 - the base class's attribute

    def __init__(self, uri: str | None = None, *, pool: ConnectionPool, **_: object) -> None:
        super().__init__(uri)
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


def init_app(app: Flask, rate: str, cache_url: str, seconds: float = LIMITS.redis) -> None:
    """Limit the requests of each caller over all routes; public routes don't count.

    Sets `services().within_rate_limit`, which counts a request that Flask doesn't dispatch and
    returns whether it is within the limit.

    Args:
        app: the application; the guard must be registered already, because it notes the caller.
        rate: such as `100/second` or `10/second;1000/hour`.
        cache_url: the Redis in which all processes count; without one, each process counts alone.
        seconds: time limit of a call to Redis; then the request is counted in memory.

    Raises:
        SettingError: the rate is invalid.
    """
    try:
        rates = sorted(parse_many(rate))
    except ValueError:
        rates = []
    counted = all(found.amount > 0 and found.get_expiry() <= LONGEST for found in rates)
    if not rates or not counted or re.search(r"(/|per)\s*0+\D", rate):
        raise SettingError(f"RATE_LIMIT is {rate!r}: give a rate such as 100/second")
    options: dict[str, Any] = {}
    if cache_url:
        try:
            options["pool"] = redis_client(cache_url, seconds).connection_pool
        except ValueError as error:
            raise SettingError(f"CACHE_URL: {error}") from None
    limiter = Limiter(
        lambda: g.caller,
        app=app,
        application_limits=[ApplicationLimit(rate, scope=SCOPE)],
        application_limits_exempt_when=lambda: "caller" not in g,
        strategy="fixed-window",
        storage_uri="shared://" if options else "memory://",
        storage_options=options,
        key_prefix=PREFIX,
        swallow_errors=True,  # a failure to count must not fail the request
    )

    hit = limiter.limiter.hit
    services_of(app).within_rate_limit = lambda caller: all(
        hit(found, PREFIX, caller, SCOPE) for found in rates
    )

    @app.errorhandler(RateLimitExceeded)
    def too_many(error: RateLimitExceeded) -> ResponseReturnValue:
        breached = limiter.current_limit
        seconds = max(1, breached.reset_at - int(time())) if breached else 1
        return app.handle_http_exception(
            TooManyRequests(
                f"The limit is {error.description} for each caller", retry_after=seconds
            )
        )
