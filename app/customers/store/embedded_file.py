"""The embedded database as a file: told without SQLAlchemy, for a start that is soon ready."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

HEAD = "0001"
"""The newest migration; tests/customers/store/test_schema_upgrade.py holds it to the folder's."""


def current(file: Path) -> bool:
    """Whether an embedded database is there, at the newest migration."""
    if not file.exists():
        return False
    try:
        with closing(sqlite3.connect(file)) as connection:
            return connection.execute("SELECT version_num FROM alembic_version").fetchall() == [
                (HEAD,)
            ]
    except sqlite3.DatabaseError:
        return False
