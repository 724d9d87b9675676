"""Swagger UI and ReDoc in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tools.browser import Watched, watched
from tools.servers import Server


def assert_quiet(seen: Watched, server: Server) -> None:
    """No error, no CSP violation, no request that leaves the service."""
    assert seen.console == []
    outside = [url for url in seen.requests if not url.startswith((server.url, "data:", "blob:"))]
    assert outside == []


def test_swagger_ui_shows_and_calls_the_api(browser: Browser, server: Server) -> None:
    """ "Try it out" with the shown example is answered with 200."""
    with watched(browser) as seen:
        page = seen.page
        page.goto(f"{server.url}/docs")
        page.locator("#operations-predictions-predict").click()
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
