"""A real browser for tests of pages: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tools.servers import ServerError, program

expect.set_options(timeout=120_000)  # a noisy machine is no finding

MOST_STOPS = 200
"""Places of a page that the keyboard reaches, and more."""

ARGUMENTS = ["--no-sandbox", "--disable-background-networking"]


@dataclass
class Watched:
    """A page, with messages of its console and network."""

    page: Page
    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser."""
    with sync_playwright() as playwright:
        path = program("chromium")
        with playwright.chromium.launch(executable_path=path, args=ARGUMENTS) as browser:
            yield browser


@contextmanager
def watched(browser: Browser, **options: object) -> Iterator[Watched]:
    """A page in its own context; `console` collects errors, including CSP violations."""
    with browser.new_context(**options) as context:  # type: ignore[arg-type]
        context.set_default_timeout(120_000)
        seen = Watched(context.new_page())
        seen.page.on(
            "console",
            lambda message: (
                seen.console.append(message.text) if message.type in ("error", "warning") else None
            ),
        )
        seen.page.on("pageerror", lambda error: seen.console.append(str(error)))
        seen.page.on("request", lambda request: seen.requests.append(request.url))
        yield seen


def tab_to(page: Page, place: Locator, key: str = "Tab") -> None:
    """Press a key until a place has the focus, which must show.

    Raises:
        ServerError: the keyboard doesn't reach it, or nobody sees that it did.
    """
    for _ in range(MOST_STOPS):
        page.keyboard.press(key)
        if place.evaluate("place => place === document.activeElement"):
            shown = place.evaluate("place => getComputedStyle(place).outlineStyle")
            if shown == "none":
                raise ServerError(f"the focus doesn't show: {place}")
            return
    raise ServerError(f"{key} doesn't reach {place}")
