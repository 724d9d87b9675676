"""The handbook by itself: an application of its pages alone, over the sample documents."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import handbook, headers
from tests.handbook import release

SAMPLE = Path(__file__).parent / "sample"


DIAGNOSES = {
    "cache": {"ok": False, "measured": "no answer", "threshold": "an answer within 100 ms"},
    "workers": {"ok": True, "measured": "two at 10%", "threshold": "one below 85%"},
}
"""What the checks named in the sample's causes find."""


def make_app(root: Path, serving: object, *, debug: bool = False, **settings: str) -> Flask:
    """The handbook over the documents under `root`, with a release or None in service."""
    app = Flask("handbook")
    app.testing = True
    app.debug = debug
    app.add_url_rule("/diagnostics/<name>", view_func=lambda name: DIAGNOSES[name])
    app.extensions["releases"] = SimpleNamespace(serving=serving)
    headers.init_app(app)
    handbook.init_app(app, root, **settings)
    return app


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return make_app(SAMPLE, release.make(tmp_path_factory.mktemp("release")))


@pytest.fixture
def reader(book: Flask) -> FlaskClient:
    return book.test_client()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the sample documents, to plant faults in."""
    copy = tmp_path / "documents"
    shutil.copytree(SAMPLE, copy)
    return copy
