"""Applications over a store with customers, and what their pages list."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest
from flask import Flask

from app.customers.store.queries import CustomerStore
from app.services import services_of
from tests.apps import make_app
from tests.customers.conftest import Fill, some

SHOWN = re.compile(r'<th scope="row"><a href="/customers/([^"]+)">')
NEXT = re.compile(r'<a href="([^"]+)" rel="next">')


@pytest.fixture
def bare(store: CustomerStore, address: str) -> Iterator[Flask]:
    """An application over an empty store."""
    app = make_app(database_url=address)
    yield app
    services_of(app).customers.store.database.engine.dispose()


@pytest.fixture
def served(bare: Flask, fill: Fill) -> Flask:
    """An application with 120 customers."""
    fill(some(120))
    return bare


def walked(app: Flask, path: str = "/customers") -> list[str]:
    """The ids on all pages of a list, by the links from page to page."""
    found: list[str] = []
    following: str | None = path
    while following:
        response = app.test_client().get(following)
        assert response.status_code == 200, response.text
        found += SHOWN.findall(response.text)
        link = NEXT.search(response.text)
        following = html.unescape(link[1]) if link else None
    return found
