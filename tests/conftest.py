"""What all tests share: the application, a client, and real servers."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator
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
from tests.patience import OWN, be_patient
from tools.browser import chromium
from tools.databases import PostgreSQL, postgresql, redis_server
from tools.servers import ROOT, Server, free_port, gunicorn

# A noisy machine is no finding.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")
be_patient()  # here, for some tests make their application while they are collected


# The commands and servers that tests start keep their compiled modules, as a user's do.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

_FOLDER = Path(tempfile.mkdtemp(prefix="churn-tests-"))
os.environ["DATABASE_URL"] = f"sqlite:///{_FOLDER / 'churn.sqlite3'}"
"""Not the one of the checkout; with the sample's customers, as after a first start."""


def pytest_unconfigure() -> None:
    shutil.rmtree(_FOLDER, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The incidents, which mostly wait for a clock, come first: others run beside them."""
    items.sort(key=lambda item: item.path.name != "test_incidents.py")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Three tests run at a time, but one that is marked `alone` when no other does.

    Many may share the lock and one may hold it for itself. A gate before it keeps those that share
    from passing the one that waits.
    """
    folder = item.config.rootpath / ".pytest_cache"
    folder.mkdir(exist_ok=True)
    with (folder / "gate").open("w") as gate, (folder / "tests").open("w") as tests:
        fcntl.flock(gate, fcntl.LOCK_EX)
        fcntl.flock(tests, fcntl.LOCK_EX if item.get_closest_marker("alone") else fcntl.LOCK_SH)
        fcntl.flock(gate, fcntl.LOCK_UN)
        return (yield)


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
def own_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The service's own time limits, for a test of what happens when they are over."""
    for (module, name), seconds in OWN.items():
        monkeypatch.setattr(module, name, seconds)


@pytest.fixture
def churn(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the console command as a shell would."""

    def run(*args: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "app.cli.main", *args],
            cwd=ROOT,
            env={**os.environ, **environ},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def cluster() -> Iterator[PostgreSQL]:
    """A PostgreSQL for all tests; each takes a database of its own from it."""
    with postgresql() as running:
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
