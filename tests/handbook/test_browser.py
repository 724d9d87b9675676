"""The pages in a real browser: what their script adds, and that everyone can read them."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from tests.handbook.test_pages import PAGES
from tests.servers import program


@pytest.fixture(scope="module")
def address(book: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, book, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = program("chromium", "/usr/bin")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-background-networking"]
        )


@pytest.fixture
def context(browser: Browser, address: str) -> Iterator[BrowserContext]:
    """A reader's browser that fails the test on an error or a request to anywhere else."""
    made = browser.new_context(
        base_url=address, permissions=["clipboard-read", "clipboard-write"], color_scheme="light"
    )
    faults: list[str] = []
    made.on("weberror", lambda error: faults.append(str(error.error)))
    made.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    made.on(
        "request",
        lambda asked: None if asked.url.startswith(address) else faults.append(asked.url),
    )
    yield made
    made.close()
    assert faults == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


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
    """At 375 pixels nothing scrolls sideways but tables and code, inside themselves."""
    page.set_viewport_size({"width": 375, "height": 740})
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") == 375


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
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/runbooks/high-api-latency")
    assert page.get_by_role("heading", name="Cause 2: Too few workers").is_visible()
    assert page.get_by_role("button").count() == 0
    page.get_by_role("link", name="A scorecard is the model").click()
    assert page.url == f"{address}/adrs/002-scorecard#confirmation"
    context.close()
