"""The embedded database as a file; without SQLAlchemy, which would slow the start."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing, suppress
from pathlib import Path

HEAD = "0001"
"""The newest migration; tests/customers/store/test_schema_upgrade.py compares it to the folder."""


def current(file: Path) -> bool:
    """Whether an embedded database exists at the newest migration."""
    if not file.exists():
        return False
    try:
        with closing(sqlite3.connect(file)) as connection:
            return connection.execute("SELECT version_num FROM alembic_version").fetchall() == [
                (HEAD,)
            ]
    except sqlite3.DatabaseError:
        return False


OWNER_ONLY = 0o600


def make_private(file: Path) -> None:
    """Make an empty database that only its owner can read, and its folder if there is none.

    SQLite gives the files beside it the same mode. An existing database stays. Errors are left to
    SQLite to report.
    """
    with suppress(OSError):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, OWNER_ONLY))


def read_by_others(file: Path) -> bool:
    """Whether other accounts may read a database, or a file that SQLite keeps beside it."""
    return any(_mode(found) & 0o077 for found in _files(file))


def tighten(file: Path) -> bool:
    """Let only its owner read a database; return False if this account may not change it."""
    for found in _files(file):
        with suppress(OSError):
            found.chmod(_mode(found) & ~0o077)
    return not read_by_others(file)


def _files(file: Path) -> list[Path]:
    return [file, *(file.with_name(f"{file.name}-{kind}") for kind in ("wal", "shm", "journal"))]


def _mode(file: Path) -> int:
    """Return the mode of a file, or no permissions if there is no file."""
    try:
        return stat.S_IMODE(file.stat().st_mode)
    except OSError:
        return 0
