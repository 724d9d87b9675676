"""SQLAlchemy engines and their options."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from app.customers.store.stored_customer import NotAnObject


def _features(text: str | bytes) -> dict[str, Any]:
    """Read stored features; if they aren't a JSON object, someone else wrote them."""
    try:
        found = orjson.loads(text)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else NotAnObject()


JSON_OPTIONS = {
    "json_serializer": lambda value: orjson.dumps(value).decode(),
    "json_deserializer": _features,
}

KEEPALIVES = {
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""Ends a connection about ten seconds after the network fails, instead of two hours."""


def sqlite_engine(file: Path, busy: float, pool: type[sa.Pool], **options: Any) -> Engine:
    """Make an engine for an SQLite file, which it reopens when another file takes its place.

    Args:
        file: the database.
        busy: seconds to wait while another process writes.
        pool: of connections.
        options: more options of SQLAlchemy.
    """
    address = f"file:{quote(str(file))}?mode=rw"

    def which() -> tuple[int, int] | None:
        try:
            found = os.stat(file)  # noqa: PTH116 - on every lookup
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(address, timeout=busy, uri=True, check_same_thread=False)
        # Text in another encoding, which others stored, must not fail the query.
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        _keep_journal(connection, busy)
        connection.execute("PRAGMA synchronous=NORMAL")
        return connection

    engine = sa.create_engine(
        "sqlite://", creator=connect, poolclass=pool, **JSON_OPTIONS, **options
    )

    @sa.event.listens_for(engine, "connect")
    def remember(_: sqlite3.Connection, record: sa.pool.ConnectionPoolEntry) -> None:
        record.info["file"] = which()

    @sa.event.listens_for(engine, "checkout")
    def same(_: sqlite3.Connection, record: sa.pool.ConnectionPoolEntry, __: object) -> None:
        """Reopen a file that was replaced, by a backup for example."""
        if record.info["file"] != which():
            raise sa.exc.DisconnectionError("the file was replaced")

    return engine


def _keep_journal(connection: sqlite3.Connection, busy: float) -> None:
    """Let readers continue while a load writes.

    A file that has no write-ahead journal yet, from a backup for example, is changed. SQLite
    doesn't wait for other processes that do the same.

    Args:
        connection: to the file.
        busy: seconds to wait.

    Raises:
        sqlite3.Error: the file cannot be used, or is in use for longer.
    """
    deadline = time.monotonic() + busy
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return
