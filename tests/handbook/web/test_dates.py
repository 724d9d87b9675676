"""Dates are written for people: `23 Nov 2026`."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.handbook.documents import document_parser
from app.handbook.documents.source import decode
from app.handbook.rendering import document_html
from app.handbook.search import service_pages
from app.services import services_of
from tests.handbook.conftest import PAGES

_HIDDEN = re.compile(r"<(code|pre|script|style)\b.*?</\1>|<[^>]*>", re.DOTALL)
_DATE = re.compile(r".{0,40}\b20\d\d-\d\d-\d\d\b")


def dates(reader: FlaskClient, path: str) -> list[str]:
    """The dates of a page's text outside of code, as machines write them."""
    answer = reader.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 200, path
    return _DATE.findall(_HIDDEN.sub("", answer.text))


def test_no_page_of_the_service_shows_a_date_of_machines(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        paths = [page.path for page in service_pages.served()]
    paths += ["/", "/search?q=printed", *(document.url for document in services_of(app).library())]
    found = {path: shown for path in paths if (shown := dates(client, path))}
    assert found == {}


def test_nor_does_any_kind_of_document(reader: FlaskClient) -> None:
    """The sample has an incident over midnight."""
    assert {path: shown for path in PAGES if (shown := dates(reader, path))} == {}
    page = reader.get("/incidents/2026-11-12-slow-lookups").text
    assert '<time datetime="2026-11-13">13 Nov 2026</time>' in page


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (
            "On 2026-11-24 and 2026-02-30, *2026-11-25*.",
            '<p>On <time datetime="2026-11-24">24 Nov 2026</time> and 2026-02-30, '
            '<em><time datetime="2026-11-25">25 Nov 2026</time></em>.</p>',
        ),
        (
            "2026-02-30 2026-02-28",
            '<p>2026-02-30 <time datetime="2026-02-28">28 Feb 2026</time></p>',
        ),
        ("`2026-11-24` a/2026-11-24-x.md", "<p><code>2026-11-24</code> a/2026-11-24-x.md</p>"),
    ],
)
def test_a_date_in_prose_is_written_in_words(text: str, html: str) -> None:
    """Code, names of files and what is no day stay as they are."""
    source = decode(f"# Title\n\n{text}\n".encode())
    document = document_parser.parse("guide", "a", "guides/a.md", source)
    assert document_html.render(document).html.strip() == html
