"""Explains a missing database or table, and names the command that makes it."""

from __future__ import annotations

from pathlib import Path

from app.config import DATABASE

NO_TABLES = "the database has no tables yet: churn database upgrade makes them"

_NO_TABLE = "42P01"
"""PostgreSQL's code for a missing table."""


def unmade(embedded: Path | None, error: BaseException | None) -> str | None:
    """Say what is missing if that is why the database failed, or return None.

    Args:
        embedded: the file of an SQLite database, or None.
        error: as SQLAlchemy raised it.
    """
    if embedded and not embedded.exists():
        if embedded == DATABASE:
            return (
                "there is no database yet: churn serve makes one with sample customers, "
                "churn database upgrade an empty one"
            )
        return "there is no database yet: churn database upgrade makes one"
    said = getattr(error, "orig", None)
    if getattr(said, "sqlstate", None) == _NO_TABLE or str(said).startswith("no such table"):
        return NO_TABLES
    return None
