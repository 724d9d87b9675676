"""Turns errors of the database into one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
import sqlalchemy as sa

from app.customers.store.unmade import unmade
from app.resilience.unavailable import DependencyUnavailable
from app.services import services

LOCKED = (
    "another connection locks the table: churn diagnose database.locks tells which, "
    "churn database end --blocking ends it"
)

_LOCKED = "55P03"
"""PostgreSQL's code for a lock that wasn't there in time."""


@contextmanager
def database_errors() -> Iterator[None]:
    """Turn an error of the database into one line and exit status 1."""
    try:
        yield
    except sa.exc.SQLAlchemyError as error:
        raise click.ClickException(database_error(error)) from None
    except DependencyUnavailable as error:
        raise click.ClickException(str(error)) from None


def database_error(error: sa.exc.SQLAlchemyError) -> str:
    """Describe the error in one line, or name the command that makes a missing database."""
    if missing := unmade(services().customers.store.database.embedded, error):
        return missing
    if getattr(getattr(error, "orig", None), "sqlstate", None) == _LOCKED:
        return LOCKED
    cause = str(getattr(error, "orig", None) or error).strip()
    return f"the database says: {cause.splitlines()[0]}"
