"""Brings the database's tables to the newest migration, and fills a new embedded one."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from app.customers.database import Database
from app.customers.loading import load
from app.customers.store import Store
from app.releases.registry import Release

SAMPLE = Path(__file__).parent.parent.parent / "model" / "sample_customers.csv"


def upgrade(database: Database) -> None:
    """Apply the migrations that are missing.

    Raises:
        SQLAlchemyError: the database is away, or the account may not change tables.
    """
    if database.embedded:
        database.embedded.parent.mkdir(parents=True, exist_ok=True)
    with database.bulk().begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def prepare(store: Store, file: Path, release: Release | None) -> int:
    """Make the embedded database where there is none, with the sample's customers in it.

    Returns:
        How many customers were loaded.
    """
    new = not file.exists()
    upgrade(store.database)
    if not new or not SAMPLE.exists():
        return 0
    with SAMPLE.open("rb") as sample:
        rejects = file.parent / "sample.rejects.csv"
        loaded, _ = load(store, sample, rejects, release, lambda _: None)
    return loaded
