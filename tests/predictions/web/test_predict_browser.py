"""The page that scores one customer, in a real browser."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tools.browser import tab_to, watched
from tools.servers import Server

SHIFTS = """new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true }); window.shifted = 0"""

SIZES = pytest.mark.parametrize("width", [1280, 375])


def said(page: Page) -> str:
    return page.locator("#said").inner_text()


@SIZES
def test_the_answer_follows_the_typing(browser: Browser, server: Server, width: int) -> None:
    """The address holds what was filled in and can be shared; no request's address does."""
    size = {"width": width, "height": 800}
    with watched(browser, base_url=server.url, viewport=size, reduced_motion="reduce") as seen:
        page = seen.page
        page.goto("/predict")
        page.evaluate(SHIFTS)
        page.get_by_role("textbox", name="Tenure", exact=True).press_sequentially("12")
        page.get_by_label("Contract", exact=True).select_option("One year")
        charges = page.get_by_role("textbox", name="Monthly charges", exact=True)
        charges.press_sequentially("65,5")
        expect(page.locator("#f3\\.fault")).to_contain_text("with a point")
        expect(page.locator("#said")).to_have_text("No answer yet")
        charges.fill("65.5")
        expect(page.locator("#said")).to_contain_text("Likely to leave")
        expect(page.locator("#f3\\.fault")).to_be_empty()
        expect(charges).to_be_focused()
        page.get_by_role("checkbox", name="Log-odds").check()
        before = said(page)
        page.get_by_role("textbox", name="Tenure", exact=True).fill("72")
        expect(page.locator("#said")).not_to_have_text(before)
        expect(page.get_by_role("checkbox", name="Log-odds")).to_be_checked()
        expect(page.locator("#command")).to_contain_text('"tenure": 72')
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert page.evaluate("window.shifted") < 0.01
        assert page.url.endswith("#tenure=72&contract=One+year&monthly_charges=65.5")
        answer, shared = said(page), page.url
        page.goto("/predict")
        page.goto(shared)
        expect(page.locator("#said")).to_have_text(answer)
        expect(page.get_by_role("textbox", name="Tenure", exact=True)).to_have_value("72")
        page.goto("/predict")
        page.goto(f"{shared}&.policy=gone")  # of a release that had another policy
        expect(page.locator("#said")).to_have_text(answer)
        expect(page.locator("#policy")).to_have_value("default")
        page.goto(shared.replace("#", "/answer#"))  # the address after a form without its script
        expect(page.locator("#said")).to_have_text(answer)
        assert not [url for url in seen.requests if "tenure=" in url.partition("#")[0]]
        assert seen.console == []


def test_the_button_tells_all_that_is_missing(browser: Browser, server: Server) -> None:
    """At the top, with the focus; each line leads to its field."""
    with watched(browser, base_url=server.url) as seen:
        page = seen.page
        page.goto("/predict#tenure=x")
        expect(page.locator("#faults li")).to_have_count(3)
        page.get_by_role("button", name="Score").click()
        expect(page.locator("#faults")).to_be_focused()
        page.locator("#faults").get_by_role("link", name="Tenure", exact=True).click()
        expect(page.get_by_role("textbox", name="Tenure", exact=True)).to_be_focused()
        assert seen.console == []


def test_the_keyboard_alone_asks_what_if(browser: Browser, server: Server) -> None:
    """The slider moves by arrow keys; the answer names both probabilities."""
    with watched(browser, base_url=server.url) as seen:
        page = seen.page
        page.goto("/predict?example=1")
        answer = page.locator("#what-if-said")
        slider = page.get_by_role("slider")
        tab_to(page, slider)
        page.keyboard.press("End")
        expect(page.locator(".slide input").last).to_have_value(slider.input_value())
        expect(answer).to_have_text(re.compile(r"the model would say \d+% instead of \d+%"))
        expect(page.locator("#what-if-differences")).to_contain_text("Monthly charges")
        expect(slider).to_be_focused()
        assert seen.console == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/predict", "/predict?example=1", "/predict#tenure=x"])
def test_everyone_can_read_it(browser: Browser, server: Server, path: str, scheme: str) -> None:
    size = {"width": 375, "height": 740}
    with watched(browser, base_url=server.url, viewport=size, color_scheme=scheme) as seen:
        page = seen.page
        page.goto(path)
        page.locator("#answer figure, #faults li").first.wait_for() if path != "/predict" else None
        found = Axe().run(page).response["violations"]
        assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found] == []
        assert page.evaluate("document.documentElement.scrollWidth") == 375
