"""The pages in a real browser: their scripts, and accessibility."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.handbook.conftest import PAGES


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_everyone_can_read_it(page: Page, path: str, scheme: str) -> None:
    """Axe finds no violation, in either theme."""
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(path)
    found = Axe().run(page).response["violations"]
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found] == []


@pytest.mark.parametrize("path", PAGES)
def test_it_fits_a_phone(page: Page, path: str) -> None:
    """At 375 pixels only tables and code scroll sideways; the header has two rows."""
    page.set_viewport_size({"width": 375, "height": 740})
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") == 375
    tops = page.evaluate(
        "[...document.querySelectorAll('.top .bar > *, .top nav a')].map((e) => "
        "Math.round((e.getBoundingClientRect().top + e.getBoundingClientRect().bottom) / 30))"
    )
    assert len(set(tops)) <= 2


def test_a_command_is_copied(page: Page) -> None:
    page.goto("/runbooks/high-api-latency")
    page.locator(".code").nth(1).get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == "kubectl -n churn-mlops top pods -l app=churn-api"


def test_ticks_are_kept_in_the_browser(page: Page) -> None:
    page.goto("/runbooks/high-api-latency")
    page.get_by_label("Done").nth(1).check()
    page.get_by_label("Load test before each release").check()
    page.reload()
    ticked = [box.is_checked() for box in page.get_by_label("Done").all()]
    assert ticked == [False, True, False]
    assert page.get_by_label("Load test before each release").is_checked()
    page.goto("/runbooks/model-release-refused")
    assert not page.get_by_label("Done").first.is_checked()


def test_the_theme_follows_the_system_until_it_is_chosen(page: Page) -> None:
    def paper() -> str:
        return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))

    page.goto("/")
    light = paper()
    page.emulate_media(color_scheme="dark")
    assert paper() != light
    page.get_by_role("button", name="Light theme").click()
    assert paper() == light
    page.goto("/runbooks")
    assert paper() == light
    assert page.get_by_role("button", name="Dark theme").is_visible()


def test_the_contents_follow_the_reader(page: Page) -> None:
    page.set_viewport_size({"width": 1300, "height": 700})
    page.goto("/runbooks/high-api-latency#escalation")
    page.locator('.side .contents a[aria-current="true"][href="#escalation"]').wait_for()


def test_a_page_works_without_script(browser: Browser, address: str) -> None:
    with browser.new_page(base_url=address, java_script_enabled=False) as page:
        page.goto("/runbooks/high-api-latency")
        assert page.get_by_role("heading", name="Cause 2: Too few workers").is_visible()
        assert [b.inner_text() for b in page.get_by_role("button").all()] == ["Search"]
        page.get_by_role("link", name="A scorecard is the model").click()
        page.wait_for_url(f"{address}/adrs/002-scorecard#confirmation")
