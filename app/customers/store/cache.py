"""A cache in front of the database: in process by default, Redis by CACHE_URL.

Keys contain the contract's digest, so a changed contract never reads old entries. When the cache is
down, the database is read.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import Any, TypeGuard, TypeVar

from prometheus_client import Counter

from app.customers.store.cache_backends import RedisState, add_many, backend, redis_state
from app.customers.store.database import Database
from app.customers.store.stored_customer import Features
from app.customers.store.stored_features import fits
from app.observability.timing import timed
from app.resilience.deadline import TimeLimited
from app.resilience.single_flight import SingleFlight
from app.resilience.time_limits import LIMITS
from app.resilience.unavailable import DependencyUnavailable
from model.features import Contract

TTL = 300
"""Seconds that an entry lives if changes reach it: in Redis, and in process over SQLite."""

UNSEEN_TTL = 5
"""Seconds that it lives in process over PostgreSQL, where other processes write unnoticed."""

GUARD = 5
"""Seconds for which a changed customer is not cached. A lookup that began before the change takes
less, so it can't put old features back."""

BULK_SECONDS = 5.0
"""Time limit of a command's call for many entries."""

REQUESTS = Counter("churn_cache_requests_total", "Lookups in the cache, by result", ("result",))
PING = "churn:ping"
"""A key without an entry, which is looked up to see whether the cache answers."""

T = TypeVar("T")

_COUNTS = {result: REQUESTS.labels(result) for result in ("hit", "miss", "error")}


class Cache:
    """Features of customers by id.

    Args:
        url: as CACHE_URL; empty means in process.
        database: behind the cache.
        contract: which entries must keep.
        seconds: time limit of a call to Redis.

    Raises:
        ValueError: the address cannot be used.
    """

    def __init__(
        self, url: str, database: Database, contract: Contract, seconds: float = LIMITS.redis
    ) -> None:
        self.url = url
        self._limited = TimeLimited("cache", seconds, (Exception,))
        self.breaker = self._limited.breaker
        self.ttl = TTL if url or database.embedded else UNSEEN_TTL
        self.contract = contract
        self._generation = database.generation
        self._backend = backend(url, seconds)
        self._lookup_seconds = database.limited.seconds
        self._querying = database.querying
        self._flights: SingleFlight[Features | None] = SingleFlight()

    def get(self, customer: str, load: Callable[[], Features | None]) -> Features | None:
        """Return a customer's features from the cache, or from `load`, and then keep them.

        Concurrent lookups of the same key share one `load`, so that the expiry of a popular entry
        causes one query. Those that wait for it hold a place as it does.

        Raises:
            DependencyUnavailable: raised by `load`, or the shared `load` takes too long.
            DependencyBusy: as many requests wait for the database as may.
        """
        began = monotonic()
        key = f"{self._prefix()}{customer}"
        found: object = None
        try:
            found = self._call(self._backend.get, key)
        except DependencyUnavailable:
            _COUNTS["error"].inc()
        else:
            if self._sound(found):
                _COUNTS["hit"].inc()
                return found
            _COUNTS["miss"].inc()

        def fill() -> Features | None:
            features = load()
            if self._sound(features):
                with suppress(DependencyUnavailable):
                    if found:  # someone else wrote it to Redis; an emptied entry stays
                        self._call(self._backend.delete, key)
                    self._call(self._backend.add, key, features, self.ttl)
            return features

        try:
            with self._querying.place():
                left = began + self._lookup_seconds - monotonic()
                return self._flights.share(key, fill, left)
        except TimeoutError:
            raise DependencyUnavailable("database: the shared lookup took too long") from None

    def put(self, entries: dict[str, Features]) -> None:
        """Keep features by customer id, unless there is an entry.

        Raises:
            DependencyUnavailable: the cache is down.
        """
        prefix = self._prefix()
        found = {f"{prefix}{customer}": features for customer, features in entries.items()}
        self._call(add_many, self._backend, found, self.ttl, seconds=BULK_SECONDS)

    def forget(self, customers: list[str]) -> bool:
        """Drop the entries of customers that changed; return False if the cache is down."""
        # Empty them instead of deleting them: see GUARD.
        prefix = self._prefix()
        empty: dict[str, Features] = {f"{prefix}{customer}": {} for customer in customers}
        try:
            self._call(self._backend.set_many, empty, GUARD, seconds=BULK_SECONDS)
        except DependencyUnavailable:
            return False
        return True

    def ping(self) -> None:
        """Check that the cache answers.

        Raises:
            DependencyUnavailable: it doesn't answer.
        """
        self._ask(partial(self._backend.has, PING))

    def state(self) -> RedisState | None:
        """Return how Redis is; None for a cache in process.

        Raises:
            DependencyUnavailable: it doesn't answer.
        """
        return self._ask(partial(redis_state, self._backend, self._prefix()))

    def retry(self) -> None:
        """Check whether the cache answers again, if the circuit lets the call through.

        Raises:
            DependencyUnavailable: it doesn't answer, or the circuit is open.
        """
        self._call(self._backend.has, PING)

    def _prefix(self) -> str:
        return f"churn:{self.contract.digest[:16]}:{self._generation()}:"

    def _ask(self, call: Callable[[], T]) -> T:
        """Call the backend for a check, even if the circuit is open.

        Raises:
            DependencyUnavailable: it is down.
        """
        try:
            return self._limited.run(call)
        except DependencyUnavailable:
            raise
        except Exception as error:
            raise DependencyUnavailable(f"cache: {type(error).__name__}") from error

    def _call(self, method: Callable[..., Any], *args: object, seconds: float | None = None) -> Any:
        """Call the backend, within the time limit or these seconds.

        Raises:
            DependencyUnavailable: it is down.
        """
        call = partial(method, *args)
        if self.url:
            return self._limited(call, seconds)
        self.breaker.asked = True
        with timed("cache"):
            return call()

    def _sound(self, entry: object) -> TypeGuard[Features]:
        """Whether an entry has a customer's features; an emptied entry doesn't."""
        return type(entry) is dict and bool(entry) and fits(self.contract, entry)
