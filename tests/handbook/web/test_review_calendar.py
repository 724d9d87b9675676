"""What is due for review, and whose it is."""

from __future__ import annotations

import datetime
import re

import pytest
from flask.testing import FlaskClient

from app.handbook.documents import document_parser
from app.handbook.documents.card_facts import CardFacts
from app.handbook.documents.document_types import Document
from app.handbook.documents.source import decode
from app.handbook.web import routes
from app.handbook.web.review_calendar import calendar

TODAY = datetime.date(2026, 11, 23)


def guide(title: str, updated: str, owner: str) -> Document:
    text = f"# {title}\n\nText.\n\n---\n**Last Updated**: {updated}\n**Owner**: {owner}\n"
    return document_parser.parse("guide", title, f"guides/{title}.md", decode(text.encode()))


def test_the_most_urgent_comes_first_of_owners_and_of_documents() -> None:
    card = CardFacts(None, "1.0.0", "Scorecard", "B team", datetime.date(2026, 8, 26))
    made = calendar(
        [
            guide("Fresh", "2026-11-22", "A team"),
            guide("Old", "2026-08-24", "B team"),
            guide("Due today", "2026-08-25", "A team"),
            guide("Never", "soon", "C team"),
        ],
        card,
        TODAY,
    )
    shown = [(owner, [(r.title, r.state) for r in found]) for owner, found in made]
    assert shown == [
        ("C team", [("Never", "overdue")]),
        ("B team", [("Old", "overdue"), ("Scorecard 1.0.0", "soon")]),
        ("A team", [("Due today", "soon"), ("Fresh", "later")]),
    ]


def rows(page: str) -> dict[str, list[str]]:
    """The words of each row's cells, by its document."""
    found = {}
    for row in re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL):
        cells = [re.sub(r"\s*<[^>]*>\s*", " ", c) for c in re.split(r"(?=<t[hd])", row)]
        words = [" ".join(cell.split()) for cell in cells[1:]]
        found[words[0]] = words[1:]
    return found


def test_the_page_tells_updated_from_reviewed_and_says_when_each_is_due(
    reader: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "_today", lambda: datetime.date(2027, 1, 20))
    page = reader.get("/handbook").text
    found = rows(page)
    assert found["High API latency Runbook"][:3] == [
        "18 Jan 2027 Overdue by 2 days",
        "20 Oct 2026 3 months ago",
        "Machine learning team, Customer success",
    ]
    assert found["Your first day Guide"][0] == "8 Feb 2027 Due in 19 days"
    assert found["Your first day Guide"][2] == "No team yet"
    assert "Model card" in " ".join(found)
    assert "001-pickle" not in page


def test_a_document_says_who_reviewed_it_and_when_the_next_review_is_due(
    client: FlaskClient,
) -> None:
    """Its owner leads to the team, and what the team owns."""
    page = re.sub(r"\s+", " ", client.get("/runbooks/high-api-latency").text)
    assert "<dt>Reviewed by</dt><dd>On-call team, ML engineers</dd>" in page
    assert re.search(r"<dt>Next review</dt><dd><time[^>]*>[^<]*</time><span[^>]*>due in \d+", page)
    assert '<dt>Owner</dt><dd><a href="/handbook#team-service-team">Service team</a>' in page
    calendar_page = client.get("/handbook").text
    assert '<h2 id="team-service-team">Service team</h2>' in calendar_page
    assert "The service, its runbooks and guides" in calendar_page
    assert '<div id="team-legal-team"><dt>Legal team' in calendar_page


def test_the_page_counts_the_blocks_of_commands_by_their_proof(reader: FlaskClient) -> None:
    words = re.sub(r"<[^>]*>", " ", reader.get("/handbook").text)
    assert re.search(r"Run by the tests\s+\d+\s+Run by a drill\s+0\s+Checked", words)
    assert "Not proven" not in words
