"""Swagger UI and ReDoc in a real browser."""

from __future__ import annotations

import re
from statistics import mean

import pytest
from playwright.sync_api import Browser, Locator, expect

from tools.browser import Watched, watched
from tools.servers import Server


def assert_quiet(seen: Watched, server: Server) -> None:
    """No error, no CSP violation, no request that leaves the service."""
    assert seen.console == []
    outside = [url for url in seen.requests if not url.startswith((server.url, "data:", "blob:"))]
    assert outside == []


def test_swagger_ui_shows_and_calls_the_api(browser: Browser, server: Server) -> None:
    """ "Try it out" is open with the full example, which is answered with 200."""
    with watched(browser) as seen:
        page = seen.page
        page.goto(f"{server.url}/docs")
        page.get_by_role("button", name="Execute").click()
        answer = page.locator(".live-responses-table .response-col_status").last
        expect(answer).to_contain_text("200")
        expect(page.locator(".live-responses-table")).to_contain_text("churn_probability")
        assert_quiet(seen, server)


def test_redoc_shows_the_api(browser: Browser, server: Server) -> None:
    with watched(browser) as seen:
        seen.page.goto(f"{server.url}/redoc")
        seen.page.get_by_role("link", name="post /predict").first.click()
        expect(seen.page.get_by_role("heading", name="Score one customer").first).to_be_visible()
        assert_quiet(seen, server)


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_the_pages_allow_no_inline_script(server: Server, browser: Browser, path: str) -> None:
    with watched(browser) as seen:
        response = seen.page.goto(f"{server.url}{path}")
        assert response is not None
        policy = response.headers["content-security-policy"]
        scripts = [part for part in policy.split("; ") if part.startswith("script-src")]
        assert scripts == []
        assert "default-src 'self'" in policy


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_they_are_pages_of_the_site(server: Server, browser: Browser, path: str) -> None:
    """With its header, in its theme, also when that is switched; the console stays empty."""
    with watched(browser, color_scheme="dark", viewport={"width": 375, "height": 740}) as seen:
        page, said = seen.page, []
        page.on("console", lambda message: said.append(message.text))
        page.goto(f"{server.url}{path}")
        shown = page.get_by_role("heading", name="Churn predictions").first
        expect(shown).to_be_visible()
        assert brightness(shown) > 128  # letters on dark
        page.get_by_role("button", name="Light theme").click()
        assert brightness(shown) < 128
        assert page.evaluate("document.documentElement.scrollWidth") == 375
        page.get_by_role("link", name="Runbooks", exact=True).click()
        page.wait_for_url(f"{server.url}/runbooks")
        assert said == []
        assert_quiet(seen, server)


def brightness(place: Locator) -> float:
    """The mean of a text's red, green and blue."""
    colour = place.evaluate("place => getComputedStyle(place).color")
    return mean(float(part) for part in re.findall(r"[\d.]+", colour)[:3])
