"""Brings the database's tables to the newest migration, and makes a new embedded one."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from app.customers.cache import Cache
from app.customers.database import Database
from app.customers.loading import load
from app.customers.stored import Store
from app.releases.release import Release

SAMPLE = Path(__file__).parent.parent.parent / "model" / "sample_customers.csv"

LOCK = 4_271_000_001
"""Of PostgreSQL's advisory locks, ours: two pods that start don't migrate at the same time."""


def upgrade(database: Database) -> None:
    """Apply the migrations that are missing.

    Tables that a newer version of the service made are left as they are, so that one can go back:
    a migration must leave them usable by the version before it.

    Raises:
        SQLAlchemyError: the database is away, or the account may not change tables.
    """
    if database.embedded:
        database.embedded.parent.mkdir(parents=True, exist_ok=True)
    with database.bulk(make=True) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
        config = Config()
        folder = str(Path(__file__).with_name("migrations"))
        config.set_main_option("script_location", folder.replace("%", "%%"))
        config.attributes["connection"] = connection
        known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
        found = MigrationContext.configure(connection).get_current_revision()
        if found is None or found in known:
            command.upgrade(config, "head")


def prepare(file: Path, release: Release | None) -> int | None:
    """Bring an embedded database up to date; make it, with the sample's customers, if need be.

    A new one is made beside its place and then moved there, so that a start which was interrupted
    leaves nothing half made, and one that was made meanwhile stays.

    Returns:
        How many customers were loaded into a new one; None where there was one.
    """
    if file.exists():
        upgrade(Database(f"sqlite:///{file}"))
        return None
    new = file.with_name(f"{file.name}.{os.getpid()}")
    database = Database(f"sqlite:///{new}")
    upgrade(database)
    loaded = 0
    if SAMPLE.exists():
        with SAMPLE.open("rb") as sample:
            rejects = file.with_name("sample.rejects.csv")
            store = Store(database, Cache("", database))
            loaded = load(store, sample, rejects, release, lambda _: None).loaded
    with suppress(FileExistsError):  # made meanwhile, and it may hold customers
        os.link(new, file)
    new.unlink()
    return loaded
