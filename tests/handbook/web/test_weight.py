"""The size of our own pages, and that they make no connections."""

from __future__ import annotations

import socket

import pytest
from flask import Flask

from app.handbook.documents.library import Library
from tools.servers import ROOT

STATIC = ("handbook.css", "handbook.js", "search.js", "icon.svg")
PAGES = [
    *("/", "/runbooks", "/adrs", "/guides", "/handbook", "/model-card", "/search?q=latency"),
    *("/incidents", "/predict?example=1"),
    *(document.url for document in Library(ROOT)),
]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_ours_is_light(app: Flask, path: str) -> None:
    """With every stylesheet and script it stays under 150 kB."""
    client = app.test_client()
    page = client.get(path)
    assert page.status_code == 200
    static = (client.get(f"/static/{name}", buffered=True) for name in STATIC)
    assert len(page.data) + sum(len(part.data) for part in static) < 150_000


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_nobody(app: Flask, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No page makes a connection, so all open during an incident."""

    def refuse(*_: object) -> None:
        raise AssertionError("a page made a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert app.test_client().get(path).status_code == 200
