"""Makes an embedded database with the sample customers."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from app.customers.files.customer_loader import load
from app.customers.files.customer_reader import read
from app.customers.files.file_format import FileError
from app.customers.files.header_matching import HeaderRules
from app.customers.files.rejected_rows import rejects_file
from app.customers.files.sample_file import SAMPLE, SAMPLE_NAME
from app.customers.store.cache import Cache
from app.customers.store.database import Database
from app.customers.store.embedded_file import new_database
from app.customers.store.queries import CustomerStore
from app.customers.store.schema_upgrade import upgrade
from app.releases.registry import ReleaseRegistry
from model.feature_file import load_contract


def prepare(file: Path, releases: ReleaseRegistry) -> int | None:
    """Bring an embedded database up to date, or make a new one with the sample customers.

    A new database appears when it is complete, and one that another process made meanwhile stays.

    Returns:
        How many customers were loaded into a new database; None if there was one.

    Raises:
        OSError: it cannot be written.
        SQLAlchemyError: it cannot be used.
    """
    if not file.exists():
        with suppress(FileExistsError):
            return _make(file, releases)
    upgrade(Database(f"sqlite:///{file}"))
    return None


def _make(file: Path, releases: ReleaseRegistry) -> int:
    loaded = 0
    with new_database(file) as new:
        database = Database(f"sqlite:///{new}")
        upgrade(database)
        if sample := _sample(releases):
            store = CustomerStore(database, Cache("", database, releases.contract))
            bad = new.with_name("sample.rejects.csv")
            # One of an older release may not fit; then the installation begins without customers.
            with sample.open("rb") as source, rejects_file(bad) as rejects, suppress(FileError):
                customers = read(source, sample.name, HeaderRules(store.contract))
                loaded = load(store, customers, rejects, releases.serving, lambda _: None).loaded
    return loaded


def _sample(releases: ReleaseRegistry) -> Path | None:
    """Find the sample beside the releases, or our own if the features are our own."""
    beside = releases.model_dir.parent / SAMPLE_NAME
    if beside.is_file():
        return beside
    ours = releases.contract.digest == load_contract().digest
    return SAMPLE if ours and SAMPLE.is_file() else None
