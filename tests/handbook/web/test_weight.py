"""The size of our own pages, and that they make no connections."""

from __future__ import annotations

import re
import socket

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.handbook.documents.experiment_file import experiments
from app.handbook.documents.library import Library
from tools.servers import ROOT

PAGES = [
    *("/", "/runbooks", "/adrs", "/guides", "/handbook", "/model-card", "/search?q=latency"),
    *(
        "/experiments",
        "/incidents",
        "/customers",
        "/customers/wa-0010",
        "/predict",
        "/upload",
        "/problems",
    ),
    *(document.url for document in Library(ROOT)),
    *(experiment.url for experiment in experiments(ROOT)),
]
MOST_STYLE = 20 * 1024
"""Bytes of the stylesheet as it is served, uncompressed."""

MOST_SCRIPT = 25 * 1024
"""Bytes of the scripts of a page as they are served, and of all scripts compressed."""

MOST = 150_000
"""Bytes of a page with all that it loads, compressed."""

GZIP = {"Accept-Encoding": "gzip"}


def parts(page: str) -> list[str]:
    """The addresses of what a page loads."""
    return re.findall(
        r'<(?:script src|link rel="stylesheet" href|link rel="icon" href)="(.+?)"', page
    )


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_ours_is_light(app: Flask, path: str) -> None:
    client = app.test_client()
    page = client.get(path)
    assert page.status_code == 200
    loaded = parts(page.text)
    assert len(loaded) >= 4
    scripts = [client.get(part).data for part in loaded if ".js" in part]
    assert sum(map(len, scripts)) < MOST_SCRIPT
    sent = (client.get(part, headers=GZIP).data for part in (path, *loaded))
    assert sum(map(len, sent)) < MOST


def test_the_sheet_is_small(client: FlaskClient) -> None:
    assert len(client.get("/static/handbook.css").data) < MOST_STYLE


def test_all_scripts_are_small(client: FlaskClient) -> None:
    """Compressed, those of every page together: more than anyone loads."""
    pages = (client.get(path).text for path in (*PAGES, "/docs", "/redoc"))
    scripts = {
        part for page in pages for part in parts(page) if "/static/" in part and ".js" in part
    }
    assert len(scripts) > 12
    assert sum(len(client.get(part, headers=GZIP).data) for part in scripts) < MOST_SCRIPT


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_nobody(app: Flask, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No page makes a connection, so all open during an incident."""

    def refuse(*_: object) -> None:
        raise AssertionError("a page made a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert app.test_client().get(path).status_code == 200
