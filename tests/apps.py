"""Applications for tests."""

from __future__ import annotations

from flask import Flask

from app import create_app
from app.customers import store
from app.customers.embedded import current
from app.customers.migration import prepare
from app.releases import releases


def sample_app() -> Flask:
    """The application over the database of the environment, with the sample's customers in it."""
    app = create_app()
    with app.app_context():
        file = store().database.embedded
        assert file is not None
        if not current(file):
            prepare(file, releases().serving)
    return app
