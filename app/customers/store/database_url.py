"""Parses DATABASE_URL."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from app.config import POSTGRESQL


def parse(url: str) -> URL:
    """Parse DATABASE_URL.

    Raises:
        ValueError: the address is not one of SQLite or PostgreSQL.
    """
    try:
        parsed = make_url(url)
    except (sa.exc.ArgumentError, ValueError):  # the latter if the port is not a number
        parsed = URL.create("none")
    postgresql = parsed.drivername in POSTGRESQL
    if postgresql and parsed.database and 0 < (parsed.port or 5432) < 65536:
        from psycopg import Error, conninfo  # noqa: PLC0415 - needed with PostgreSQL only

        try:
            conninfo.make_conninfo("", **dict.fromkeys(parsed.query, ""))
        except Error as error:
            raise ValueError(" ".join(str(error).split())) from None
        found = parsed.set(drivername="postgresql+psycopg")
        # A database that was made without a locale has no encoding: it would send bytes.
        return found.update_query_dict({"client_encoding": "utf8"})
    if is_sqlite(parsed) and parsed.database not in (None, "", ":memory:"):
        return parsed
    raise ValueError("give postgresql://USER@HOST/NAME or sqlite:///PATH")


def is_sqlite(url: URL) -> bool:
    """Whether the address is one of SQLite."""
    return url.drivername == "sqlite"
