"""The mirror in a real browser, after the service has died."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tools.browser import Watched, watched
from tools.servers import answers, children, churn, gunicorn, wait_until


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a mirror in a folder, whose service was killed."""
    folder = tmp_path_factory.mktemp("mirror")
    with gunicorn(folder) as server:
        made = churn("handbook", "build", str(folder / "handbook"), "--address", server.url)
        assert made.returncode == 0, made.stderr
        for process in (server.process.pid, *children(server.process.pid)):
            os.kill(process, signal.SIGKILL)
        wait_until(lambda: not answers(f"{server.url}/health/live"), "the service is dead")
    return (folder / "handbook").as_uri()


@pytest.fixture
def seen(browser: Browser, mirror: str) -> Iterator[Watched]:
    """A page that fails the test on a message in its console or a request to a server."""
    with watched(browser, reduced_motion="reduce") as found:
        yield found
        assert found.console == []
        assert [url for url in found.requests if not url.startswith(f"{mirror}/")] == []


def test_the_alerts_page_reads_while_the_service_is_down(seen: Watched, mirror: str) -> None:
    page = seen.page
    page.goto(f"{mirror}/runbooks/service-down.html#cause-1-the-process-is-not-running")
    heading = page.get_by_role("heading", name="Cause 1: The process is not running")
    expect(heading).to_be_in_viewport()
    expect(page.locator("#escalation")).to_be_attached()
    expect(page.get_by_text("Mirror of the handbook")).to_be_attached()
    code = page.locator(".cause").first.locator(".code").first
    expect(code.get_by_role("button", name="Copy")).to_be_attached()
    page.locator("#page\\.text").get_by_role("link", name="High error rate").first.click()
    expect(page).to_have_url(f"{mirror}/runbooks/high-error-rate.html")
    page.get_by_role("link", name="Decisions").click()
    expect(page).to_have_url(f"{mirror}/adrs.html")


@pytest.mark.parametrize("query", ["service down", "ChurnApiDown"])
def test_search_finds_titles_and_alerts(seen: Watched, mirror: str, query: str) -> None:
    """While typing, by keyboard, and on the search page."""
    page = seen.page
    page.goto(f"{mirror}/guides/onboarding.html")
    page.keyboard.press("/")
    page.keyboard.type(query)
    expect(page.get_by_role("option").first).to_contain_text("Service down")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{mirror}/runbooks/service-down.html")
    box = page.locator("header input[name=q]")
    box.fill(query)
    box.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("result")
    page.locator("main .results a").first.click()
    expect(page).to_have_url(f"{mirror}/runbooks/service-down.html")


def test_a_search_without_result_says_so(seen: Watched, mirror: str) -> None:
    """What was typed is text, not HTML."""
    seen.page.goto(f"{mirror}/search.html?q=%3Cimg+src%3Dx%3E")
    expect(seen.page.get_by_role("status")).to_contain_text("No results for “<img src=x>”")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["runbooks/service-down", "search"])
def test_everyone_can_read_it(browser: Browser, mirror: str, name: str, scheme: str) -> None:
    """In either theme, on a phone too: nothing but tables and code scrolls sideways."""
    with watched(browser, color_scheme=scheme) as seen:
        seen.page.set_viewport_size({"width": 375, "height": 740})
        seen.page.goto(f"{mirror}/{name}.html?q=down")
        assert seen.page.evaluate("document.documentElement.scrollWidth") == 375
        assert seen.console == []  # before Axe asks for the stylesheet
        found = Axe().run(seen.page).response["violations"]
        assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found] == []
