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


def make_app(root: Path, serving: object) -> Flask:
    """The handbook over the documents under `root`, with a release or None in service."""
    app = Flask("handbook")
    app.testing = True
    app.extensions["releases"] = SimpleNamespace(serving=serving)
    headers.init_app(app)
    handbook.init_app(app, root)
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
