"""The embedded database as a file; without SQLAlchemy, which would slow the start."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from app.writing.unfinished_folders import folder_made, named_by, sync, unfinished

HEAD = "0004"
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


@contextmanager
def new_database(file: Path) -> Iterator[Path]:
    """Yield an empty file for a new database, which takes its place when it is complete.

    Only its owner can read it, and the folder if there was none. SQLite gives the files beside it
    the same mode. All connections must be closed at the end.

    Raises:
        FileExistsError: another process made one meanwhile, which stays.
        OSError: it cannot be written; names `file`.
    """
    place = Path(os.path.realpath(file))
    with named_by(file), folder_made(place.parent, 0o700), unfinished(place.parent) as beside:
        new = beside / place.name
        os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, OWNER_ONLY))
        try:
            yield new
            _complete(new)
        except Exception as error:
            cause = getattr(error, "orig", error)  # SQLAlchemy's errors have SQLite's
            if isinstance(cause, sqlite3.Error):
                raise OSError(errno.EIO, str(cause)) from error
            raise
        os.link(new, place)
        sync(place.parent)


def _complete(file: Path) -> None:
    """Bring a database from its journal into its file, and check the file.

    When the last connection closes, SQLite does the first, but tells nobody that it failed.

    Raises:
        sqlite3.Error: it cannot be written.
        OSError: it is damaged.
    """
    with closing(sqlite3.connect(file)) as connection:
        (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    alone = f"file:{quote(str(file))}?immutable=1"  # without the journal
    with closing(sqlite3.connect(alone, uri=True)) as connection:
        (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if busy or found != "ok":
        raise OSError(errno.EIO, f"the new database is damaged: {found}")
    with file.open("rb") as written:
        os.fsync(written.fileno())


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
