"""Stores of customers for tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from app.customers.files.customer_loader import Loaded, Progress, load
from app.customers.files.customer_reader import read
from app.customers.files.header_matching import HeaderRules
from app.customers.files.rejected_rows import rejects_file
from app.customers.store.cache import Cache
from app.customers.store.database import Database
from app.customers.store.queries import CustomerStore
from app.releases.release_loader import Release
from tests.apps import PATIENT
from tests.prediction_bodies import CONTRACT


@contextmanager
def opened(address: str, cache_url: str = "") -> Iterator[CustomerStore]:
    database = Database(address, PATIENT.lookup)
    try:
        yield CustomerStore(database, Cache(cache_url, database, CONTRACT, PATIENT.redis))
    finally:
        database.engine.dispose()


def load_file(
    store: CustomerStore,
    file: BinaryIO,
    rejects: Path,
    release: Release | None,
    step: Progress = lambda _: None,
) -> Loaded:
    """Load a file into a store, as `churn customers load` does."""
    customers = read(file, Path(file.name).name, HeaderRules(store.contract))
    with rejects_file(rejects) as rejected:
        return load(store, customers, rejected, release, step)
