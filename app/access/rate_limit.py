"""`RATE_LIMIT`: Flask-Limiter, counting each caller by key or address."""

from __future__ import annotations

import logging
import re
from time import monotonic, time
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
from app.resilience.redis_client import redis_client
from app.resilience.time_limits import LIMITS
from app.services import services_of

log = logging.getLogger(__name__)

PREFIX, SCOPE = "churn", "all-routes"
"""Of the keys that the storage counts under, before and after the caller."""

LONGEST = 366 * 24 * 3600
"""Seconds that a caller may have to wait."""

PAUSE = 5.0
"""Seconds between two tries of a Redis that failed."""


class RedisOrMemoryStorage(Storage):
    """Counts in Redis, and in memory while Redis does not answer.

    Flask-Limiter has a fallback of its own. It tries Redis again after up to a minute, and of two
    requests that find Redis gone at the same moment it answers the second with 500: this one
    raises nothing and tries again after `PAUSE`.
    """

    STORAGE_SCHEME = ["shared"]  # noqa: RUF012 - the base class's attribute

    def __init__(self, uri: str | None = None, *, pool: ConnectionPool, **_: Any) -> None:
        super().__init__(uri)
        self._redis = RedisStorage("redis://", connection_pool=pool)
        self._memory = MemoryStorage()
        self._again: float | None = None
        """When to try Redis again, or None while it answers."""

    @property
    def base_exceptions(self) -> type[Exception]:
        """What the storage may raise."""
        return RedisError

    def _call(self, method: str, *args: Any) -> Any:
        now = monotonic()
        if self._again is None or now >= self._again:
            if self._again is not None:
                self._again = now + PAUSE  # one request tries, the others go on
            try:
                answer = getattr(self._redis, method)(*args)
            except Exception as error:  # whatever it is, the request goes on
                if self._again is None:
                    log.warning("rate limits count in memory: %s", type(error).__name__)
                self._again = monotonic() + PAUSE
            else:
                if self._again is not None:
                    log.warning("rate limits count in Redis again")
                    self._again = None
                return answer
        return getattr(self._memory, method)(*args)

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count; answers the count, as do the rest what `limits.storage.Storage` says."""
        count: int = self._call("incr", key, expiry, amount)
        return count

    def get(self, key: str) -> int:
        """The count."""
        count: int = self._call("get", key)
        return count

    def get_expiry(self, key: str) -> float:
        """When the count ends, in seconds since the epoch."""
        expiry: float = self._call("get_expiry", key)
        return expiry

    def clear(self, key: str) -> None:
        """Forget the count."""
        self._call("clear", key)

    def check(self) -> bool:
        """Whether something counts: always."""
        return True

    def reset(self) -> int | None:
        """Forget every count."""
        forgotten: int | None = self._call("reset")
        return forgotten


def init_app(app: Flask, rate: str, cache_url: str, seconds: float = LIMITS.redis) -> None:
    """Limit each caller to a rate, over all routes together; public ones are not counted.

    Sets `services().within_rate_limit`, which counts a request of a caller that Flask does not
    dispatch, and says whether it is within the limits.

    Args:
        app: the application, guarded already: the guard notes the caller.
        rate: such as `100/second` or `10/second;1000/hour`.
        cache_url: the Redis that all processes count in; without one each counts for itself.
        seconds: that a request waits for Redis before it is counted in memory.

    Raises:
        SettingError: the rate is none.
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
        swallow_errors=True,  # a fault of the counting never becomes the caller's
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
