"""Writing documents: what is saved is shown, and two applications in one process are apart."""

from __future__ import annotations

from pathlib import Path

from flask.testing import FlaskClient

from tests.handbook.conftest import SAMPLE, make_app


def page(reader: FlaskClient) -> str:
    return reader.get("/guides/onboarding").text


def test_a_changed_document_is_shown_without_a_restart(folder: Path) -> None:
    """In debug mode, which `churn serve --reload` sets: page, list, search and new files."""
    reader = make_app(folder, None, debug=True).test_client()
    file = folder / "guides" / "onboarding.md"
    assert "Words of today" not in page(reader)
    file.write_text("# Onboarding\n\nWords of today, quokka\n")
    assert "Words of today" in page(reader)
    assert "/guides/onboarding" in reader.get("/search?q=quokka").text
    (folder / "guides" / "second.md").write_text("# A second guide\n")
    assert "A second guide" in reader.get("/guides").text
    file.unlink()
    assert reader.get("/guides/onboarding").status_code == 404


def test_elsewhere_documents_are_those_of_the_start(folder: Path) -> None:
    """A page never depends on what happens to the files under a running service."""
    reader = make_app(folder, None).test_client()
    before = page(reader)
    (folder / "guides" / "onboarding.md").unlink()
    assert page(reader) == before


def test_two_applications_keep_their_own_documents(folder: Path) -> None:
    """Changing one's changes nothing in the other's."""
    ours = make_app(folder, None, debug=True, edit_url="https://git.example.org/edit/main")
    theirs = make_app(SAMPLE, None)
    one, other = ours.test_client(), theirs.test_client()
    before = page(other)
    (folder / "guides" / "onboarding.md").write_text("# Another first day\n")
    assert "Another first day" in page(one)
    assert page(other) == before
    assert "https://git.example.org/edit/main/guides/onboarding.md" in page(one)
    assert "https://git.example.org/commits/main/guides/onboarding.md" in page(one)
    assert "git.example.org" not in page(other)


def test_runbooks_link_to_the_dashboard_where_there_is_one(folder: Path) -> None:
    """And guides, which no alert opens, don't."""
    reader = make_app(folder, None, grafana_url="https://grafana.example.org").test_client()
    link = 'href="https://grafana.example.org/d/api-overview"'
    assert link in reader.get("/runbooks/high-api-latency").text
    assert link not in reader.get("/guides/onboarding").text
