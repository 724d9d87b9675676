"""What every page has: links to its headings, a head for others, print, a clipboard."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from tests.handbook.conftest import PAGES
from tools.browser import tab_to

RUNBOOK = "/runbooks/high-api-latency"
TARGET = 40
"""Pixels of what is pressed; links in running text are exempt."""


@pytest.mark.parametrize("path", PAGES)
def test_a_page_describes_itself(reader: FlaskClient, path: str) -> None:
    """For search engines and chats: title and description, as the page has them."""
    page = reader.get(path).text
    title, said = (re.search(p, page) for p in ("<title>(.+) · ", '"description" content="(.+)">'))
    assert title is not None
    assert said is not None
    assert f'<meta property="og:title" content="{title[1]}">' in page
    assert f'<meta property="og:description" content="{said[1]}">' in page
    assert "<" not in said[1]


def test_a_heading_links_to_itself(page: Page) -> None:
    """Its sign shows to whoever points at it, and is no text that could be copied."""
    page.goto(RUNBOOK)
    link = page.locator('.permalink[href="#symptoms"]')
    sign = "link => getComputedStyle(link, '::before').content"
    assert link.evaluate(sign) == "none"
    tab_to(page, link)
    assert link.evaluate(sign) == '"#"'
    page.keyboard.press("Enter")
    page.wait_for_url("**#symptoms")
    plain, marked = (
        page.get_by_role("heading", name=name, exact=True).evaluate(
            "heading => getComputedStyle(heading).backgroundColor"
        )
        for name in ("Impact", "Symptoms")
    )
    assert plain != marked
    assert page.get_by_role("heading", name="Symptoms", exact=True).inner_text() == "Symptoms"


def test_it_prints_for_the_record(page: Page) -> None:
    """Its address, version, commit and date; dates instead of ages; tables in full width."""
    page.set_viewport_size({"width": 700, "height": 900})
    page.goto(RUNBOOK)
    printed = page.locator(".printed")
    expect(printed).to_be_hidden()
    age = page.locator(".facts-top .age").first
    expect(age).to_be_visible()
    page.emulate_media(media="print")
    expect(printed).to_contain_text(f"from {page.url}.")
    assert re.search(r"version [\d.]+, commit [0-9a-f]{7,}.*\d+ \w{3} \d{4}", printed.inner_text())
    expect(age).to_be_hidden()
    for place in (".top", ".bottom", "button"):
        expect(page.locator(place).first).to_be_hidden()
    page.goto("/handbook")
    cut = "[...document.querySelectorAll('.table')].filter((t) => t.scrollWidth > t.clientWidth)"
    assert page.evaluate(f"{cut}.length") == 0


def test_the_clipboard_works_without_https(page: Page) -> None:
    """There a browser has no clipboard object."""
    page.add_init_script(
        "Object.defineProperty(navigator, 'clipboard', { get: () => window.kept })"
    )
    page.goto(RUNBOOK)
    page.locator(".code").nth(1).get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()
    box = page.get_by_role("searchbox").or_(page.get_by_role("combobox")).first
    box.focus()
    page.keyboard.press("Control+v")
    expect(box).to_have_value("kubectl -n churn-mlops top pods -l app=churn-api")


@pytest.mark.parametrize("width", [375, 820, 1280])
@pytest.mark.parametrize("path", ["/", RUNBOOK, "/adrs", "/model-card"])
def test_what_is_pressed_is_large_enough(page: Page, path: str, width: int) -> None:
    """40 pixels high in header, footer, siblings, contents, filters and for every button."""
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(path)
    small = page.evaluate(
        """least => [...document.querySelectorAll(
          ".top :is(a, input, button), .bottom a, :is(.siblings, .contents, .filter) a," +
          "main button, summary")]
          .filter((place) => place.checkVisibility({ visibilityProperty: true })
            && !place.matches(".away") && place.getBoundingClientRect().height < least)
          .map((place) => place.outerHTML)""",
        TARGET,
    )
    assert small == []


@pytest.mark.parametrize("width", [820, 1280])
def test_the_header_is_one_line(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/")
    rows = page.evaluate(
        "[...document.querySelectorAll('.top .bar > *, .top nav a')].map((place) => "
        "place.getBoundingClientRect()).map((box) => Math.round((box.top + box.bottom) / 20))"
    )
    assert len(set(rows)) == 1
    assert page.evaluate("document.documentElement.scrollWidth") == width
