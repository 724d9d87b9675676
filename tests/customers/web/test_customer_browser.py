"""The lead's Monday in a real browser: the list, a filter, the file, a customer, what-if."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tools.browser import tab_to, watched
from tools.servers import Server


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_monday(browser: Browser, server: Server, tmp_path: Path, scripts: bool) -> None:
    """Works without JavaScript, and says nothing in the console."""
    with watched(browser, base_url=server.url, java_script_enabled=scripts) as seen:
        page = seen.page
        page.goto("/customers")
        page.get_by_text("Filter, among the 5,000 most at risk").click()
        page.get_by_label("Contract", exact=True).select_option("One year")
        page.get_by_role("button", name="Filter").click()
        expect(page.get_by_label("Contract", exact=True)).to_have_value("One year")
        cells = page.locator(".customers tbody td:last-child").all_inner_texts()
        assert set(cells) == {"One year"}
        with page.expect_download() as started:
            page.get_by_role("link", name="CSV of all that match").click()
        file = tmp_path / "customers.csv"
        started.value.save_as(file)
        with file.open(newline="") as text:
            found = list(csv.DictReader(text))
        shown = page.locator(".customers tbody th").all_inner_texts()
        assert [row["customer_id"] for row in found][: len(shown)] == shown
        page.get_by_role("link", name=shown[0], exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(shown[0])
        expect(page.locator(".lead")).to_contain_text("Likely to leave:")
        page.get_by_role("link", name="Customers at risk").first.click()
        page.get_by_label("Find a customer by id").fill("wa-0010")
        page.get_by_role("button", name="Find").click()
        page.wait_for_url("**/customers/wa-0010")
        page.get_by_label("Contract", exact=True).select_option("Two year")
        if not scripts:
            page.get_by_role("button", name="Ask the model").click()
        expect(page.locator("#what-if-said")).to_contain_text("the model would say")
        assert seen.console == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path", ["/customers", "/customers/wa-0010", "/customers?id=nobody&f.contract=One+year"]
)
def test_everyone_can_read_it(browser: Browser, server: Server, path: str, scheme: str) -> None:
    """Axe finds nothing, and a phone scrolls only the tables sideways."""
    size = {"width": 375, "height": 740}
    with watched(browser, base_url=server.url, viewport=size, color_scheme=scheme) as seen:
        seen.page.goto(path)
        found = Axe().run(seen.page).response["violations"]
        assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found] == []
        assert seen.page.evaluate("document.documentElement.scrollWidth") == 375


def test_the_keyboard_reaches_filter_and_customers(browser: Browser, server: Server) -> None:
    with watched(browser, base_url=server.url) as seen:
        page: Page = seen.page
        page.goto("/customers")
        tab_to(page, page.get_by_text("Filter, among the 5,000 most at risk"))
        page.keyboard.press("Enter")
        tab_to(page, page.get_by_label("Contract", exact=True))
        tab_to(page, page.locator(".customers tbody a").first)
        page.keyboard.press("Enter")
        page.wait_for_url("**/customers/*")
