"""Alembic's entry: run by `churn database upgrade` with a connection of ours."""

from alembic import context

from app.customers.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
