"""What a reader sees first: of a decision on a phone, of a guide in the list."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.handbook.conftest import make_app

ADR = """\
# ADR-003: Third

## Status

{}

## Context

Why.
"""


def test_a_decision_on_a_phone_begins_with_its_context(page: Page) -> None:
    """The facts are folded, and there for who asks."""
    page.set_viewport_size({"width": 375, "height": 740})
    page.goto("/adrs/002-scorecard")
    context = page.get_by_role("heading", name="Context")
    expect(context).to_be_in_viewport()
    first = page.locator("#page\\.text h2").first
    expect(first).to_have_attribute("id", "context")
    facts = page.locator("#page\\.text .facts")
    expect(facts).to_be_hidden()
    page.get_by_text("About this decision").click()
    expect(facts).to_be_visible()


def test_the_facts_of_a_decision_are_printed(page: Page) -> None:
    page.set_viewport_size({"width": 794, "height": 1123})
    page.goto("/adrs/002-scorecard")
    page.emulate_media(media="print")
    expect(page.locator("#page\\.text .facts").get_by_text("Deciders")).to_be_visible()


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        ("Accepted", False),
        ("Superseded by [ADR-002](002-scorecard.md)", False),
        ("Accepted\n\nSupersedes ADR-001", False),
        ("Accepted, but only for a year", True),
    ],
)
def test_a_status_is_a_section_if_it_says_more_than_the_head(
    folder: Path, status: str, shown: bool
) -> None:
    (folder / "adrs" / "003-third.md").write_text(ADR.format(status))
    page = make_app(folder, None).test_client().get("/adrs/003-third").text
    assert (">Status<" in page) == shown


def test_the_list_of_guides_shows_no_footnotes(folder: Path) -> None:
    guide = "# Noted\n\nFor all.[^1]\n\n## More\n\nText.\n\n[^1]: A note.\n"
    (folder / "guides" / "noted.md").write_text(guide)
    reader = make_app(folder, None).test_client()
    assert "For all." in reader.get("/guides").text
    for path in ("/guides", "/llms.txt"):
        assert "[^1]" not in reader.get(path).text
    assert "A note." in reader.get("/guides/noted").text
