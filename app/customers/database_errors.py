"""What the database says, in one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
import sqlalchemy as sa

from app.customers import customer_store
from app.customers.store.unmade import unmade
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


def database_error(error: sa.exc.SQLAlchemyError) -> str:
    """What the database said, in one line, or what is to make it where it is not made yet."""
    if missing := unmade(customer_store().database.embedded, error):
        return missing
    cause = str(getattr(error, "orig", None) or error).strip()
    return f"the database says: {cause.splitlines()[0]}"
