"""An application with only the handbook's pages, over the sample documents."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import make_server

from app import handbook
from app.access.guard import Guard
from app.http import assets, page_shell, security_headers
from app.services import services_of
from tests.apps import PATIENT
from tests.handbook import made_up_release
from tests.handbook.drilled import check_digest

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SAMPLE = Path(__file__).parent / "sample"

PAGES = [
    "/",
    "/runbooks",
    "/adrs",
    "/adrs?status=superseded",
    "/guides",
    "/incidents",
    "/experiments",
    "/experiments/001-number-of-bins",
    "/handbook",
    "/search",
    "/search?q=latancy",
    "/model-card",
    "/runbooks/high-api-latency",
    "/runbooks/model-release-refused",
    "/adrs/001-pickle",
    "/adrs/002-scorecard",
    "/guides/onboarding",
    "/incidents/2026-11-12-slow-lookups",
]
"""Every page of the sample."""


DIAGNOSES = {
    "cache": {"ok": False, "measured": "no answer", "threshold": "an answer within 100 ms"},
    "model": {"ok": True, "measured": "right", "threshold": "right"},
    "workers": {"ok": True, "measured": "two at 10%", "threshold": "one below 85%"},
}
"""What the checks named in the sample's causes find."""


DISTRIBUTION = SimpleNamespace(
    customers=7043,
    made_at=datetime(2026, 11, 29, 6, 30, tzinfo=UTC),
    at_least=lambda log_odds: 1212 if log_odds == 0 else 0,
)
"""The stored customers' scores."""


def make_app(root: Path, serving: object, *, debug: bool = False, **settings: str) -> Flask:
    """The handbook over the documents under `root`, with a release or None in service."""
    app = Flask("handbook", static_folder=None)
    app.testing = True
    app.debug = debug
    app.add_url_rule("/diagnostics/<name>", view_func=lambda name: DIAGNOSES[name])
    services_of(app).releases = SimpleNamespace(serving=serving)
    services_of(app).guard = Guard(None, proxies=0)
    checks = SimpleNamespace(digest=check_digest, names=())
    services_of(app).checks = checks  # type: ignore[assignment]
    services_of(app).is_ready = lambda: serving is not None
    store = SimpleNamespace(distribution=lambda _digest: DISTRIBUTION)
    services_of(app).customers = SimpleNamespace(store=store)  # type: ignore[assignment]
    security_headers.init_app(app)
    app.register_blueprint(page_shell.blp)
    handbook.init_app(app, root, limits=PATIENT, **settings)
    assets.init_app(app)
    return app


@contextmanager
def serve(app: Flask) -> Iterator[str]:
    """The application on a free port; its address."""
    server = make_server("127.0.0.1", 0, closed_early(app), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def closed_early(app: WSGIApplication) -> WSGIApplication:
    """The application, each answer read and closed before it is sent.

    This server does not close the answer to a browser that hangs up meanwhile: the file in it is
    then collected with a warning, in whatever test runs by that time.
    """

    def call(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        with closing(app(environ, start_response)) as answer:  # type: ignore[type-var]
            return [b"".join(answer)]

    return call


@pytest.fixture(scope="session")
def address(book: Flask) -> Iterator[str]:
    with serve(book) as url:
        yield url


@pytest.fixture
def context(browser: Browser, address: str) -> Iterator[BrowserContext]:
    """A reader's browser that fails the test on an error or a request to anywhere else."""
    permissions = ["clipboard-read", "clipboard-write"]
    faults: list[str] = []
    with browser.new_context(
        base_url=address, permissions=permissions, color_scheme="light"
    ) as made:
        made.set_default_timeout(120_000)
        made.on("weberror", lambda error: faults.append(str(error.error)))
        made.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        made.on(
            "request",
            lambda asked: None if asked.url.startswith(address) else faults.append(asked.url),
        )
        yield made
    assert faults == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return make_app(SAMPLE, made_up_release.make(tmp_path_factory.mktemp("release")))


@pytest.fixture
def reader(book: Flask) -> FlaskClient:
    return book.test_client()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the sample documents, to plant faults in."""
    copy = tmp_path / "documents"
    shutil.copytree(SAMPLE, copy)
    return copy
