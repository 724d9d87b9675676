"""What is due for review, and whose it is."""

from __future__ import annotations

import datetime
import re

import pytest
from flask.testing import FlaskClient

from app.handbook.documents import document_parser
from app.handbook.documents.document_types import Document
from app.handbook.documents.source import decode
from app.handbook.web import routes
from app.handbook.web.review_calendar import calendar

TODAY = datetime.date(2026, 11, 23)


def guide(title: str, updated: str, owner: str) -> Document:
    text = f"# {title}\n\nText.\n\n---\n**Last Updated**: {updated}\n**Owner**: {owner}\n"
    return document_parser.parse("guide", title, f"guides/{title}.md", decode(text.encode()))


def test_the_most_urgent_comes_first_of_owners_and_of_documents() -> None:
    made = calendar(
        [
            guide("Fresh", "2026-11-22", "A team"),
            guide("Old", "2026-08-24", "B team"),
            guide("Due today", "2026-08-25", "A team"),
            guide("Never", "soon", "C team"),
        ],
        TODAY,
    )
    shown = [(owner, [(r.document.title, r.state, r.days) for r in found]) for owner, found in made]
    assert shown == [
        ("C team", [("Never", "overdue", 0)]),
        ("B team", [("Old", "overdue", -1)]),
        ("A team", [("Due today", "soon", 0), ("Fresh", "later", 89)]),
    ]


def test_the_page_says_what_is_overdue_and_since_when(
    reader: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "_today", lambda: datetime.date(2027, 6, 1))
    page = reader.get("/handbook").text
    assert page.count("Overdue") == 3
    assert "134 days" in page
    assert "001-pickle" not in page


def test_the_page_counts_the_blocks_of_commands_by_their_proof(reader: FlaskClient) -> None:
    words = re.sub(r"<[^>]*>", " ", reader.get("/handbook").text)
    assert re.search(r"Run by the tests\s+\d+\s+Run by a drill\s+0\s+Checked", words)
    assert "Not proven" not in words
