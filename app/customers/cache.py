"""A cache before the database: in process by default, Redis by CACHE_URL.

Entries carry the contract's digest, so a changed feature file never reads old ones. The cache is an
extra: when it is away, the database is read.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any

from cachelib import BaseCache, RedisCache, SimpleCache
from prometheus_client import Counter

from app.customers import Unavailable
from app.customers.limits import breaker
from app.predictions.bodies import CONTRACT

SECONDS = 0.2
"""That a call to Redis may take."""

TTL = 60
"""Seconds that an entry lives."""

WAIT = 2.0
"""Seconds that a lookup waits for another one's of the same key."""

REQUESTS = Counter("churn_cache_requests_total", "Lookups in the cache, by result", ("result",))
_COUNTS = {result: REQUESTS.labels(result) for result in ("hit", "miss", "error")}

Features = dict[str, Any]


class _JSON:
    """Values in Redis are JSON: data, where a pickle would be code."""

    def dumps(self, value: Any) -> bytes:
        return json.dumps(value).encode()

    def loads(self, value: bytes | None) -> Any:
        return None if value is None else json.loads(value)


class Cache:
    """Features of customers by id.

    Args:
        url: as CACHE_URL; empty means in process.
        generation: differs when the database was written, where that can be seen; part of the keys.
    """

    def __init__(self, url: str, generation: Callable[[], str]) -> None:
        self.url = url
        self.breaker = breaker("cache")
        self._generation = generation
        self._backend = _redis(url) if url else SimpleCache(threshold=20_000, default_timeout=TTL)
        self._flights: dict[str, Future[Features | None]] = {}
        self._lock = threading.Lock()

    def get(self, customer: str, load: Callable[[], Features | None]) -> Features | None:
        """A customer's features: from the cache, or from `load` and then kept.

        Lookups of the same key at the same time share one `load`, so that a popular entry's expiry
        sends one query.

        Raises:
            Unavailable: what `load` raises, or the shared one takes too long.
        """
        key = self.key(customer)
        found = self._call(lambda: self._backend.get(key))
        if found is not None:
            _COUNTS["hit"].inc()
            return found
        _COUNTS["miss"].inc()
        with self._lock:
            future = self._flights.get(key)
            first = future is None
            if future is None:
                future = self._flights[key] = Future()
        return self._load(key, load, future) if first else _wait(future)

    def put(self, entries: dict[str, Features]) -> bool:
        """Keep features by customer id; False where the cache is away."""
        keyed = {self.key(customer): features for customer, features in entries.items()}
        return self._call(lambda: self._backend.set_many(keyed, TTL)) is not None

    def forget(self, customers: list[str]) -> None:
        """Drop entries of customers that changed."""
        keys = [self.key(customer) for customer in customers]
        self._call(lambda: self._backend.delete_many(*keys))

    def ping(self) -> None:
        """Ask whether it answers.

        Raises:
            Unavailable: it doesn't.
        """
        if isinstance(self._backend, RedisCache):
            try:
                self._backend._write_client.ping()
            except Exception as error:
                raise Unavailable(f"cache: {type(error).__name__}") from error

    def key(self, customer: str) -> str:
        """The key of a customer's entry."""
        return f"churn:{CONTRACT.digest[:16]}:{self._generation()}:{customer}"

    def _load(
        self,
        key: str,
        load: Callable[[], Features | None],
        future: Future[Features | None],
    ) -> Features | None:
        try:
            features = load()
        except BaseException as error:
            future.set_exception(error)
            raise
        else:
            future.set_result(features)
        finally:
            with self._lock:
                del self._flights[key]
        if features is not None:
            self._call(lambda: self._backend.set(key, features, TTL))
        return features

    def _call(self, function: Callable[[], Any]) -> Any:
        """Call the backend; None where it is away."""
        if self.breaker.opened:
            return None
        try:
            with self.breaker:
                return function()
        except Exception:
            _COUNTS["error"].inc()
            return None


def _wait(future: Future[Features | None]) -> Features | None:
    try:
        return future.result(WAIT)
    except FutureTimeoutError:
        raise Unavailable("database: no answer for the lookup that this one waits for") from None


def _redis(url: str) -> BaseCache:
    from redis import Redis  # noqa: PLC0415 - a large package, needed with CACHE_URL only
    from redis.backoff import NoBackoff  # noqa: PLC0415
    from redis.retry import Retry  # noqa: PLC0415

    client = Redis.from_url(
        url,
        socket_timeout=SECONDS,
        socket_connect_timeout=SECONDS,
        retry=Retry(NoBackoff(), 0),  # the default retries, and waits between
    )
    backend = RedisCache(client, default_timeout=TTL)
    backend.serializer = _JSON()  # type: ignore[assignment]
    return backend
