"""What all tests share: the application, a client, and real servers."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings
from playwright.sync_api import Browser

from app.access.key_file import add as add_key
from app.access.scopes import SCOPES
from app.services import services_of
from tests.apps import make_app, sample_app
from tools import servers
from tools.browser import chromium
from tools.databases import PostgreSQL, postgresql, redis_server
from tools.ports import free_port
from tools.servers import Server, gunicorn

# Deadlines would fail on noisy machines. CI generates the same examples each time, so that a new
# one doesn't fail an unrelated change; every other run looks for new ones.
settings.register_profile("suite", deadline=None, derandomize=os.environ.get("CI") == "true")
settings.load_profile("suite")


# The commands and servers that tests start keep their compiled modules, as a user's do.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

LONG = ("writes", "test_chaos.py", "test_examples.py", "test_outage.py", "test_wheel.py")
"""Folders and files of tests that take minutes."""

_FOLDER = Path(tempfile.mkdtemp(prefix="churn-tests-"))
os.environ["DATABASE_URL"] = f"sqlite:///{_FOLDER / 'churn.sqlite3'}"
"""A database of its own with the sample customers, as after a first start."""


def pytest_unconfigure() -> None:
    shutil.rmtree(_FOLDER, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run first what takes longest, and no long file last: then one process works, and two wait."""
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    """The image is started again and again; the drills that run beside in CI have ended halfway."""
    if item.path.name == "test_image.py":
        return 0
    top = item.path.relative_to(servers.ROOT / "tests").parts[0]
    if top in LONG:
        return 2
    return 1 if top < "handbook" else 3


@pytest.fixture(scope="session")
def app() -> Iterator[Flask]:
    made = sample_app()
    yield made
    services_of(made).customers.store.database.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The service under gunicorn, as `churn serve` starts it."""
    with gunicorn(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


@pytest.fixture
def churn() -> Callable[..., subprocess.CompletedProcess[str]]:
    """The console command, run as a shell would."""
    return servers.churn


@pytest.fixture(scope="session")
def cluster() -> Iterator[PostgreSQL]:
    """A PostgreSQL server for all tests; each test uses its own database."""
    # Its log of changes would grow to a gigabyte for each of the processes that run tests.
    with postgresql("max_wal_size=64MB", "min_wal_size=32MB") as running:
        yield running


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis for all tests."""
    port = free_port()
    with redis_server(tmp_path_factory.mktemp("redis"), port):
        yield f"redis://127.0.0.1:{port}/0"


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "keys.yaml"


@pytest.fixture
def keys(key_file: Path) -> dict[str, str]:
    """One key of each scope, by its scope."""
    return {scope: add_key(key_file, f"{scope}-client", (scope,)) for scope in SCOPES}


@pytest.fixture
def keyed(key_file: Path, keys: dict[str, str]) -> Flask:
    return make_app(api_keys_file=key_file)
