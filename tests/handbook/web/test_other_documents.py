"""Documents as other teams write them: their pages, and what search finds of them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser

from app.services import services_of
from tests.handbook.conftest import SAMPLE, make_app, serve

CASES = Path(__file__).parents[1] / "rendering" / "cases"
FRONT = """\
---
title: A title of the front matter
status: accepted
wombat_url: https://example.org/a/very/long/address/that/has/no/blank/in/it/at/all
---

```bash
# a comment that is longer than a line of a telephone in the hand of its reader
```
"""


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The cases as guides, and one guide with them all."""
    root = tmp_path_factory.mktemp("others") / "documents"
    shutil.copytree(SAMPLE, root)
    texts = []
    for case in CASES.glob("*.md"):
        shutil.copy(case, root / "guides")
        text = case.read_text("utf-8")
        texts += [] if text.startswith(("---", "# Runbook")) else [text.removeprefix("# Refs\n")]
    (root / "guides" / "everything.md").write_text("\n\n".join([FRONT, *texts]), "utf-8")
    return make_app(root, None)


def test_front_matter_is_beside_the_text_and_nowhere_else(others: Flask) -> None:
    page = others.test_client().get("/guides/everything").text
    assert "<h1>A title of the front matter</h1>" in page
    assert "<dt>Wombat url</dt><dd>https://example.org/a/" in page
    assert "wombat_url" not in page
    search = services_of(others).search()
    assert [result.url for result in search.search("wombat").results] == []
    assert "/guides/everything" in [
        result.url for result in search.search("title front matter").results
    ]


def test_text_below_the_footer_is_shown(others: Flask) -> None:
    page = others.test_client().get("/guides/trailing-text").text
    assert 'Back to the <span class="file" title="README.md">list</span>.' in page
    assert page.count("Service team") == len(re.findall("<dd>(?:<a [^>]*>)?Service team", page)) > 0


@pytest.fixture(scope="module")
def url(others: Flask) -> Iterator[str]:
    with serve(others) as address:
        yield address


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [375, 820, 1280])
def test_the_page_fits_and_can_be_read(browser: Browser, url: str, scheme: str, width: int) -> None:
    size = {"width": width, "height": 900}
    with browser.new_context(viewport=size, color_scheme=scheme) as context:
        page = context.new_page()
        for path in ("/guides", "/guides/everything"):
            page.goto(f"{url}{path}")
            assert page.evaluate("document.documentElement.scrollWidth") == width, path
            assert [v["id"] for v in Axe().run(page).response["violations"]] == [], path
