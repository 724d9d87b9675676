"""Brings the database's tables to the newest migration."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from app.customers.store.database import Database
from app.customers.store.embedded_file import new_database
from app.writing.unfinished_folders import sweep

LOCK = 4_271_000_001
"""Our advisory lock of PostgreSQL: two pods that start don't migrate at the same time."""


def upgrade(database: Database) -> None:
    """Apply the missing migrations.

    A missing SQLite file is made. Several processes may do this at once. Tables of a newer version
    of the service stay as they are, so that going back is possible: a migration must leave them
    usable for the version before it.

    Raises:
        OSError: the file cannot be made.
        SQLAlchemyError: the database is down, or the account may not change tables.
    """
    if database.embedded:
        sweep(database.embedded.parent)
    if database.embedded and not database.embedded.exists():
        with suppress(FileExistsError), new_database(database.embedded) as new:
            _migrate(Database(f"sqlite:///{new}"))
    _migrate(database)


def _migrate(database: Database) -> None:
    with database.bulk() as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            # Without a limit: whoever migrates already has one for each of its locks.
            connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
            connection.exec_driver_sql("SET LOCAL lock_timeout TO DEFAULT")
        else:  # Python's driver would begin none before it reads or changes tables
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        config = Config()
        folder = str(Path(__file__).with_name("migrations"))
        config.set_main_option("script_location", folder.replace("%", "%%"))
        config.attributes["connection"] = connection
        known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
        found = MigrationContext.configure(connection).get_current_revision()
        if found is None or found in known:
            command.upgrade(config, "head")
