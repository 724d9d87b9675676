"""Stores of customers for tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from app.customers.store.cache import Cache
from app.customers.store.database import Database
from app.customers.store.queries import CustomerStore
from tests.apps import PATIENT
from tests.prediction_bodies import CONTRACT


@contextmanager
def opened(address: str, cache_url: str = "") -> Iterator[CustomerStore]:
    database = Database(address, PATIENT.lookup)
    try:
        yield CustomerStore(database, Cache(cache_url, database, CONTRACT, PATIENT.redis))
    finally:
        database.engine.dispose()
