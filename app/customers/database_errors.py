"""What the database says, in one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
import sqlalchemy as sa

from app.resilience.unavailable import DependencyUnavailable


@contextmanager
def database_errors() -> Iterator[None]:
    """Turn what the database says into one line and exit status 1."""
    try:
        yield
    except sa.exc.SQLAlchemyError as error:
        raise click.ClickException(database_error(error)) from None
    except DependencyUnavailable as error:
        raise click.ClickException(str(error)) from None


_MISSING = ("no such table", "relation ", "unable to open database file")


def database_error(error: sa.exc.SQLAlchemyError) -> str:
    """What the database said, in one line, and what to do where its tables are missing."""
    cause = str(getattr(error, "orig", None) or error).strip()
    line = f"the database says: {cause.splitlines()[0]}"
    missing = any(said in line for said in _MISSING)
    return f"{line}; run churn database upgrade" if missing else line
