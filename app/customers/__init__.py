"""Stored customers: a database and a cache in front of it, either of which may be down."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from flask import Flask

from app.config import SettingError, Settings
from app.resilience.time_limits import LIMITS, TimeLimits
from app.resilience.unavailable import DependencyUnavailable
from app.services import services_of
from model.features import Contract

if TYPE_CHECKING:
    from app.customers.store.database import Database
    from app.customers.store.queries import CustomerStore


class LazyCustomerStore:
    """The store, made at its first use in each worker.

    SQLAlchemy takes a quarter of a second and 15 MB, which a process that only scores saves.
    """

    def __init__(self, settings: Settings, contract: Contract, limits: TimeLimits = LIMITS) -> None:
        self._settings = settings
        self._contract = contract
        self._limits = limits
        self._store: CustomerStore | None = None
        self._lock = threading.Lock()

    @property
    def store(self) -> CustomerStore:
        """The stored customers.

        Raises:
            SettingError: an address of the settings cannot be used.
        """
        with self._lock:
            if self._store is None:
                self._store = _make(self._settings, self._contract, self._limits)
            return self._store

    def retry(self) -> None:
        """Ask the parts that are down or were not asked yet, before a request has to."""
        if self._store is None:
            return
        for breaker, ping in (
            (self._store.database.limited.breaker, self._store.ping),
            (self._store.cache.breaker, self._store.cache.retry),
        ):
            if breaker.opened or not breaker.asked:
                with suppress(DependencyUnavailable):
                    ping()

    def states(self) -> dict[str, dict[str, str]]:
        """Return the state of database and cache after their last calls; make no call."""
        store = self._store
        if store is None:
            unasked = {"status": "ok", "detail": "not asked yet"}
            return {"database": unasked, "cache": unasked}
        return {
            "database": store.database.limited.breaker.state,
            "cache": store.cache.breaker.state,
        }


def _make(settings: Settings, contract: Contract, limits: TimeLimits) -> CustomerStore:
    from app.customers.store.cache import Cache  # noqa: PLC0415
    from app.customers.store.queries import CustomerStore  # noqa: PLC0415

    database = database_of(settings, limits)
    try:
        cache = Cache(settings.cache_url, database, contract, limits.redis)
    except ValueError as error:
        raise SettingError(f"CACHE_URL: {error}") from None
    return CustomerStore(database, cache)


def database_of(settings: Settings, limits: TimeLimits = LIMITS) -> Database:
    """Make the database that the settings name; nothing is connected to yet.

    Raises:
        SettingError: the address cannot be used.
    """
    from app.customers.store.database import Database  # noqa: PLC0415 - see LazyCustomerStore

    try:
        return Database(settings.database_url, limits.lookup)
    except ValueError as error:  # not the value: it may contain a password
        raise SettingError(f"DATABASE_URL: {error}") from None


def init_app(app: Flask, settings: Settings, limits: TimeLimits = LIMITS) -> None:
    """Register the stored customers; nothing connects before the first use.

    Raises:
        SettingError: an address that is configured cannot be used.
    """
    found = services_of(app)
    found.customers = LazyCustomerStore(settings, found.releases.contract, limits)
    if settings.cache_url or settings.database_url != Settings.database_url:
        # An invalid address fails at start, and workers share the imported modules.
        _ = found.customers.store.database.engine
