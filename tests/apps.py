"""Applications for tests."""

from __future__ import annotations

from flask import Flask

from app import create_app
from app.customers import customer_store
from app.customers.sample_customers import prepare
from app.customers.store.embedded_file import current
from app.releases import releases


def sample_app() -> Flask:
    """The application over the database of the environment, with the sample's customers in it."""
    app = create_app()
    with app.app_context():
        file = customer_store().database.embedded
        assert file is not None
        if not current(file):
            prepare(file, releases().serving)
    return app
