"""`RATE_LIMIT`: counts the requests of each caller, by key or address."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import lru_cache, partial
from math import ceil
from time import monotonic

from flask import Flask, g
from limits import RateLimitItem, parse_many
from werkzeug.exceptions import TooManyRequests

from app.access.request_counts import CountsInMemory, CountsInRedis
from app.config import SettingError
from app.resilience.deadline import TimeLimited
from app.resilience.unavailable import DependencyUnavailable
from app.services import services_of

PREFIX, SCOPE = "churn", "all-routes"
"""Parts of the storage's keys, before and after the caller."""

LONGEST = 366 * 24 * 3600
"""The longest period of a limit, in seconds."""

MAX_COUNTING = 32
"""Requests that are counted in Redis at a time: more than a worker has threads."""


class RateLimit:
    """The limit of each caller's requests over all routes; public routes don't count.

    Args:
        rate: such as `100/second` or `10/second;1000/hour`.
        cache_url: the Redis in which all processes count; without one, each process counts alone.
        seconds: time limit of counting in Redis; then the request is counted in memory, so that no
            request fails because it cannot be counted.

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
        self._memory = CountsInMemory()
        try:
            self._redis = CountsInRedis(cache_url, seconds) if cache_url else None
        except ValueError as error:
            raise SettingError(f"CACHE_URL: {error}") from None
        self._limited = TimeLimited(
            "rate-limit", seconds, (Exception,), most=MAX_COUNTING, threshold=1
        )

    @property
    def waits(self) -> bool:
        """Whether counting waits for another process."""
        return self._redis is not None

    def count(self, caller: str, asked: float | None = None) -> None:
        """Count a request.

        Args:
            caller: key or address.
            asked: when the request began to wait for its turn, a time of `monotonic`. One that has
                waited as long as Redis may take is counted in memory.

        Raises:
            TooManyRequests: it exceeds the limit; says after how many seconds to ask again.
        """
        late = asked is not None and monotonic() - asked > self._limited.seconds
        try:
            if self._redis is None or late or self._limited.breaker.opened:
                refusal = self._refusal(caller, self._memory)
            else:
                refusal = self._limited(partial(self._refusal, caller, self._redis))
        except DependencyUnavailable:
            refusal = self._refusal(caller, self._memory)
        if refusal:
            raise refusal

    def retry(self) -> None:
        """Ask a Redis that is down, for no request waits for it: see `background_tasks`."""
        if self._redis and self._limited.breaker.opened:
            with suppress(DependencyUnavailable):
                self._limited(self._redis.ping)

    def _refusal(
        self, caller: str, counts: CountsInMemory | CountsInRedis
    ) -> TooManyRequests | None:
        """Count a request, and return the answer if it exceeds a limit."""
        for rate in self._rates:
            # As the library's fixed window does, which makes the key each time.
            key, period = _key(rate, caller), rate.get_expiry()
            if counts.count(key, period) > rate.amount:
                after = min(max(1, ceil(counts.left(key))), period)
                return TooManyRequests(f"The limit is {rate} for each caller", retry_after=after)
        return None


@lru_cache(maxsize=1024)
def _key(rate: RateLimitItem, caller: str) -> str:
    return rate.key_for(PREFIX, caller, SCOPE)


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
