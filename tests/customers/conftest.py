"""Empty stores over both databases, and customers to put into them."""

from __future__ import annotations

import csv
import io
import json
import random
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from flask.testing import FlaskClient

from app.config import Settings
from app.customers import sample_customers
from app.customers.files.customer_loader import Loaded
from app.customers.store.queries import CustomerStore
from app.customers.store.schema_upgrade import upgrade
from app.releases.registry import ReleaseRegistry
from app.releases.release_loader import Release
from app.services import services_of
from tests.apps import make_app
from tests.prediction_bodies import CONTRACT
from tests.stores import load_file, opened
from tools.databases import PostgreSQL

Customer = tuple[str, dict[str, Any]]


def some(number: int, seed: int = 0) -> list[Customer]:
    """Customers of the contract's values, the same for the same seed."""
    draw = random.Random(seed)

    def value(feature: Any) -> Any:
        if feature.type == "category":
            return draw.choice(feature.values)
        if feature.type == "boolean":
            return draw.random() < 0.5
        high = min(feature.maximum, 100)
        return draw.randint(0, high) if feature.type == "integer" else draw.randint(0, 9999) / 100

    return [
        (f"c-{i:06}", {feature.name: value(feature) for feature in CONTRACT.features})
        for i in range(number)
    ]


def as_csv(customers: Iterable[Customer]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["customer_id", *CONTRACT.names])
    for customer, features in customers:
        cells = [features.get(name) for name in CONTRACT.names]
        writer.writerow([customer, *["" if cell is None else cell for cell in cells]])
    return text.getvalue().encode()


def as_json_lines(customers: Iterable[Customer]) -> bytes:
    lines = [json.dumps({"id": customer, "features": f}) + "\n" for customer, f in customers]
    return "".join(lines).encode()


def named(content: bytes, name: str = "customers.csv") -> BinaryIO:
    """A file in memory."""
    file = io.BytesIO(content)
    file.name = name
    return file


@pytest.fixture(scope="session")
def known() -> ReleaseRegistry:
    return ReleaseRegistry(Settings().model_dir)


@pytest.fixture(scope="session")
def release(known: ReleaseRegistry) -> Release:
    assert known.serving is not None
    return known.serving


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """DATABASE_URL of a new database without tables, of each kind in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'churn.sqlite3'}"
        return
    cluster: PostgreSQL = request.getfixturevalue("cluster")
    made = cluster.new()
    yield made
    cluster.drop(made)


@pytest.fixture
def store(address: str) -> Iterator[CustomerStore]:
    """An empty store, its cache in process."""
    with opened(address) as made:
        upgrade(made.database)
        yield made


Fill = Callable[..., Loaded]


@pytest.fixture
def fill(store: CustomerStore, release: Release, tmp_path: Path) -> Fill:
    """Load customers into the store."""

    def run(customers: Iterable[Customer], scored: bool = True) -> Loaded:
        file = named(as_json_lines(customers))
        chosen = release if scored else None
        return load_file(store, file, tmp_path / "rejects.csv", chosen)

    return run


@pytest.fixture
def without_economics(tmp_path: Path) -> FlaskClient:
    """A client of an application with sample customers, where release 1.1.0 serves."""
    kept = tmp_path / "releases"
    shutil.copytree(Settings().model_dir / "1.1.0", kept / "1.1.0")
    app = make_app(model_dir=kept, database_url=f"sqlite:///{tmp_path / 'older.sqlite3'}")
    sample_customers.prepare(tmp_path / "older.sqlite3", services_of(app).releases)
    return app.test_client()


def everyone(store: CustomerStore, release: Release, limit: int = 500) -> list[str]:
    """The ids of the ranking, page after page."""
    ids: list[str] = []
    after = None
    while True:
        page, _ = store.at_risk(release.digests["scorecard.json"], limit, after)
        if not page:
            return ids
        ids += [customer.id for customer in page]
        after = page[-1].log_odds, page[-1].id
