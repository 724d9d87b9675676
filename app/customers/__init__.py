"""Stored customers: a database, a cache in front of it, and what happens when either is away."""

from __future__ import annotations

import threading
from functools import cached_property
from typing import TYPE_CHECKING

from flask import Flask, current_app

from app.config import Settings

if TYPE_CHECKING:
    from app.customers.store import Store


RETRY_AFTER = 2
"""Seconds after which a part that was away is tried again."""


class Unavailable(Exception):  # noqa: N818 - a state of a part
    """A part didn't answer; the message names it and says why."""


class Customers:
    """The store, made at its first use: after the fork, and not for predictions alone.

    SQLAlchemy takes a quarter of a second and 15 MB; a process that only scores needs neither.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()

    @cached_property
    def store(self) -> Store:
        """The stored customers."""
        from app.customers.cache import Cache  # noqa: PLC0415
        from app.customers.database import Database  # noqa: PLC0415
        from app.customers.store import Store  # noqa: PLC0415

        with self._lock:
            if "store" in self.__dict__:  # another thread was first
                return self.__dict__["store"]
            database = Database(self._settings.database_url)
            made = Store(database, Cache(self._settings.cache_url, database.generation))
            self.__dict__["store"] = made
            return made

    def states(self) -> dict[str, dict[str, str]]:
        """The state of database and cache as the last calls found it; makes no call of its own."""
        if "store" not in self.__dict__:
            unasked = {"status": "ok", "detail": "not asked yet"}
            return {"database": unasked, "cache": unasked}
        parts = {"database": self.store.database.limited.breaker, "cache": self.store.cache.breaker}
        return {
            name: {"status": "failing", "detail": "did not answer; tried again every few seconds"}
            if breaker.opened
            else {"status": "ok", "detail": "answered when it was asked last"}
            for name, breaker in parts.items()
        }


def store() -> Store:
    """The application's stored customers."""
    known: Customers = current_app.extensions["customers"]
    return known.store


def init_app(app: Flask, settings: Settings) -> None:
    """Register the stored customers; nothing is imported or connected to until the first use."""
    app.extensions["customers"] = Customers(settings)
