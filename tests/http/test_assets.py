"""Scripts and the stylesheet: minified once, kept by their digest."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import rjsmin
from flask.testing import FlaskClient
from playwright.sync_api import Browser

from app.http.assets import STYLES

FOREVER = "public, max-age=31536000, immutable"


def addresses(page: str) -> list[str]:
    return re.findall(r'(?:src|href)="([^"]*/(?:static|assets)/[^"]*)"', page)


@pytest.mark.parametrize("page", ["/", "/model-card", "/runbooks/high-api-latency", "/docs"])
def test_a_page_names_assets_by_their_digest(client: FlaskClient, page: str) -> None:
    """So a browser may keep them for good; without the digest, or an old one, it asks again."""
    found = addresses(client.get(page).text)
    assert len(found) >= 4
    for address in found:
        kept = client.get(address)
        assert kept.headers["Cache-Control"] == FOREVER, address
        for other in (address.partition("?")[0], address.partition("?")[0] + "?v=0"):
            asked = client.get(other)
            assert asked.headers["Cache-Control"] == "no-cache", other
            assert asked.data == kept.data
            again = client.get(other, headers={"If-None-Match": asked.headers["ETag"]})
            assert (again.status_code, again.data) == (304, b"")


def test_no_other_file_is_served(client: FlaskClient) -> None:
    for path in ("/static/nothing.js", "/static/00-base.css", "/static/../page_shell.py"):
        assert client.get(path).status_code == 404


def test_scripts_are_minified(client: FlaskClient) -> None:
    sent = client.get("/static/handbook.js").data
    assert len(sent) < Path("app/http/static/handbook.js").stat().st_size * 0.8


NESTED = re.compile(r"\$\{[^{}`]*`")


def test_no_template_is_within_another() -> None:
    """There the minifier would take text for code, and join its words."""
    scripts = list(Path("app").rglob("static/*.js"))
    assert [s for s in scripts if NESTED.search(s.read_text())] == []
    planted = "a = `b${c && `, ${d}`}`"
    assert NESTED.search(planted)
    assert "`,${d}" in rjsmin.jsmin(planted)


def test_the_minified_sheet_means_the_same(client: FlaskClient, browser: Browser) -> None:
    """A browser reads the same rules from it as from its sources."""
    source = "".join(file.read_text() for file in sorted(STYLES.glob("*.css")))
    with browser.new_page() as page:
        assert rules(page.evaluate(READ, client.get("/static/handbook.css").text)) == rules(
            page.evaluate(READ, source)
        )


def test_a_changed_meaning_is_seen(browser: Browser) -> None:
    """The check itself works: this is what the minifier makes of a nested ` :hover`."""
    with browser.new_page() as page:
        right, wrong = (
            rules(page.evaluate(READ, f".a {{ & .b{space}:hover {{ margin: 0 }} }}"))
            for space in (" ", "")
        )
    assert right != wrong


READ = """sheet => {
  const made = new CSSStyleSheet();
  made.replaceSync(sheet);
  return [...made.cssRules].map((rule) => rule.cssText);
}"""


def rules(found: list[str]) -> list[str]:
    """The rules without what a browser copies from custom properties and gradients as written."""
    return [re.sub(r"\s*([,;{}])\s*", r"\1", rule).strip() for rule in found]
