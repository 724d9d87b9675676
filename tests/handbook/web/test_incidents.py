"""Incidents as pages, beside the cause that they had."""

from __future__ import annotations

import shutil
from pathlib import Path

from flask.testing import FlaskClient

from tests.handbook.conftest import make_app

INCIDENT = "incidents/2026-11-12-slow-lookups"
CAUSE = "/runbooks/high-api-latency#cause-1-the-cache-is-down"


def test_the_list_has_the_newest_first(folder: Path) -> None:
    """With severity, cause and duration."""
    text = (folder / f"{INCIDENT}.md").read_text("utf-8")
    later = text.replace("2026-11-1", "2026-11-2").replace("P2", "P1").replace("by id", "again")
    missing = "missing cause\n\n## What we learned"
    later = later.partition("[The cache")[0] + missing + later.partition("## What we learned")[2]
    (folder / "incidents/2026-11-22-again.md").write_text(later, "utf-8")
    page = make_app(folder, None).test_client().get("/incidents").text
    assert page.index("Lookups again were slow") < page.index("Lookups by id were slow")
    assert page.index("P1 Critical") < page.index("P2 Warning")
    assert "No runbook has its cause yet" in page
    assert f'<a href="{CAUSE}">The cache is down</a> of High API latency' in page
    assert "lasted 20 min" in page


def test_an_incident_has_a_page(reader: FlaskClient) -> None:
    page = reader.get(f"/{INCIDENT}").text
    assert "Lookups by id were slow" in page
    assert "P2 Warning" in page
    assert f'href="{CAUSE}"' in page
    assert "overdue" not in page


def test_a_cause_says_how_often_it_happened(folder: Path) -> None:
    """And links to each time, on the runbook's page and in the list."""
    file = folder / f"{INCIDENT}.md"
    again = file.read_text("utf-8").replace("2026-11-12", "2026-11-20")
    reader = make_app(folder, None).test_client()
    once = f'once, on <a href="/{INCIDENT}" title="Lookups by id were slow"'
    assert once in reader.get("/runbooks/high-api-latency").text
    (folder / "incidents/2026-11-20-again.md").write_text(again, "utf-8")
    reader = make_app(folder, None).test_client()
    page = reader.get("/runbooks/high-api-latency").text
    assert 'Happened 2 times, last <a href="/incidents/2026-11-20-again"' in page
    assert page.count('<p class="happened">') == 1
    assert f'<a href="/{INCIDENT}"' in page.partition("Happened 2 times")[2]
    listed = reader.get("/runbooks").text
    assert 'Last happened <a href="/incidents/2026-11-20-again">' in listed


def test_it_is_found_and_listed(reader: FlaskClient) -> None:
    results = reader.get("/search.json?q=slow-lookups").get_json()["results"]
    assert results[0]["url"] == f"/{INCIDENT}"
    documents = reader.get("/handbook.json").get_json()["documents"]
    (entry,) = [d for d in documents if d["kind"] == "incident"]
    assert (entry["status"], entry["severity"], entry["causes"]) == ("open", "P2", [CAUSE])
    assert (entry["review_by"], entry["proof"]) == (None, None)


def test_a_team_may_leave_them_out(folder: Path) -> None:
    """The page says how to write the first."""
    shutil.rmtree(folder / "incidents")
    reader = make_app(folder, None).test_client()
    assert "churn handbook new incident TITLE" in reader.get("/incidents").text
    assert "Happened" not in reader.get("/runbooks/high-api-latency").text


def test_the_ways_in(reader: FlaskClient) -> None:
    for path in ("/", "/runbooks"):
        assert '<a href="/incidents">incidents</a>' in reader.get(path).text
