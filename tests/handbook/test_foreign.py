"""Foreign and damaged documents become pages and findings, and never fail."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from app.handbook.documents import document_parser
from app.handbook.documents.document_types import Document
from app.handbook.documents.library import Library
from app.handbook.documents.source import LIMIT, decode
from app.handbook.rendering import document_html
from app.handbook.rules import standard
from app.handbook.search import search_entries
from app.handbook.search.search_index import SearchIndex
from app.services import services_of
from tests.handbook import corpus
from tests.handbook.conftest import make_app
from tests.handbook.live_markup import live

COUNT = 300
TODAY = datetime.date(2026, 11, 23)
CHUNK = 25


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    root = tmp_path_factory.mktemp("foreign")
    corpus.write(root, COUNT)
    return make_app(root, None)


@pytest.fixture
def library(foreign: Flask) -> Library:
    found: Library = services_of(foreign).library()
    return found


def test_every_one_is_read(library: Library) -> None:
    assert len(library.runbooks) == COUNT
    assert len(library.adrs) == COUNT


def test_findings_have_a_place(library: Library) -> None:
    """Path of a document that there is, a line that it has, a sentence that says something."""
    found = standard.check(library, TODAY)
    assert {finding.path for finding in found} == set(library.by_path)
    for finding in found:
        lines = len(library.by_path[finding.path].source.lines)
        assert 1 <= finding.line <= lines, finding
        assert finding.message.isprintable(), finding


@pytest.mark.parametrize("folder", ["runbooks", "adrs"])
@pytest.mark.parametrize("start", range(0, COUNT, CHUNK))
def test_pages_open_and_hold_nothing_live(foreign: Flask, folder: str, start: int) -> None:
    """A page has as many live parts as an empty one: only its own."""
    reader = foreign.test_client()
    library: Library = services_of(foreign).library()
    for document in list(library.same_kind(first(library, folder)))[start : start + CHUNK]:
        answer = reader.get(document.url)
        assert answer.status_code == 200
        assert unexpected(answer.text) == Counter(), document.path
        assert live(document_html.render(document).html) == [], document.path


def first(library: Library, folder: str) -> Document:
    return next(d for d in library if d.path.startswith(folder))


def unexpected(page: str) -> Counter[str]:
    """The live parts of a page beyond those that its frame has."""
    own = {"link", "meta", "body", "button", "details", "form", "select", "svg"}
    found = Counter(part for part in live(page) if part not in own)
    found["script"] -= len(re.findall(r'<script src="/(?:handbook/)?static/', page))
    return +found


@pytest.mark.parametrize("path", ["/", "/runbooks", "/adrs", "/handbook.json", "/search?q=queue"])
def test_lists_of_them_open(foreign: Flask, path: str) -> None:
    answer = foreign.test_client().get(path)
    assert answer.status_code == 200
    if answer.mimetype == "text/html":
        assert unexpected(answer.text) == Counter()


def test_they_can_be_searched(library: Library) -> None:
    index = SearchIndex(search_entries.documents(library))
    for query in ("queue", "größe", "遅延", "kubectl", "runbok"):
        for result in index.search(query).results:
            assert live(result.snippet) == []


@given(st.binary(max_size=2000), st.sampled_from(["runbook", "adr", "guide"]))
def test_any_bytes_are_a_document(data: bytes, kind: str) -> None:
    """Parsed, checked, rendered: nothing fails and nothing is live."""
    document = document_parser.parse(kind, "a", f"{kind}s/a.md", decode(data))
    assert live(document_html.render(document).html) == []


ODD = {
    "nested quotations": ">" * 5000 + " x",
    "nested lists": "".join(f"{'  ' * n}- x\n" for n in range(400)),
    "nested brackets": "[" * 20_000 + "]" * 20_000,
    "nested emphasis": "*_" * 20_000,
    "nested links": "[a](" * 10_000,
    "open fences": "```\n" * 4_999,
    "fences in fences": "".join("`" * n + "md\n" for n in range(40, 2, -1)) + "x\n",
    "a wide table": "|a" * 3_000 + "|\n" + "|-" * 3_000 + "|\n" + "|b" * 3_000 + "|\n",
    "a long table": "|a|b|\n|-|-|\n" + "|c|d|\n" * 3_000,
    "a long line": "word " * 50_000,
    "headings alone": "## a\n" * 3_000,
    "backslashes": "\\" * 100_000,
    "comments": "<!--" * 4_000,
    "tags": "<a " * 30_000,
    "references": "[a]: b\n" * 10_000 + "[a]" * 10_000,
    "entities": "&amp;" * 20_000,
    "control signs": "".join(map(chr, range(32))) * 2_000,
    "fields": "**Owner**: x\n" * 10_000,
    "too long": "# Runbook: x\n\n" + "text of a document\n" * 300_000,
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_odd_documents_are_pages_and_findings(tmp_path: Path, text: str) -> None:
    """As runbook, decision, guide and incident; none takes long or goes too deep."""
    for folder in ("runbooks", "adrs", "guides", "incidents"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "001-odd.md").write_text(text[: LIMIT * 20], "utf-8")
    reader = make_app(tmp_path, None).test_client()
    for folder in ("runbooks", "adrs", "guides", "incidents"):
        assert reader.get(f"/{folder}/001-odd").status_code == 200
    documents = reader.get("/handbook.json").get_json()["documents"]
    assert all(document["findings"] for document in documents)
    assert search(reader).status_code == 200


def search(reader: FlaskClient) -> TestResponse:
    return reader.get("/search?q=owner+text")
