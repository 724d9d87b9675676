"""The ways that people take through the handbook, in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Response, Route, expect

from tests.handbook import made_up_release
from tests.handbook.conftest import PAGES, SAMPLE, make_app, serve

RUNBOOK = "/runbooks/high-api-latency"
WATCH = """
window.shifts = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


VISIBLE_SHIFT = 0.001
"""Cumulative layout shift. A line that pushes a page's text down shifts it by several times as
much; on a busy machine, the browser has once reported less, with nothing to see."""


def violations(page: Page) -> list[str]:
    return [v["id"] for v in Axe().run(page).response["violations"]]


def test_the_engineer_s_path(page: Page) -> None:
    """An alert's link, a command, a tick, a reload, the search, a related document, the print."""
    page.goto(f"{RUNBOOK}#cause-2-too-few-workers")
    expect(page.get_by_role("heading", name="Cause 2: Too few workers")).to_be_in_viewport()

    page.get_by_label("Namespace").fill("night")
    block = page.locator(".code", has_text="kubectl -n night top pods")
    block.get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == "kubectl -n night top pods -l app=churn-api"

    page.get_by_label("Done").nth(1).check()
    page.reload()
    assert [box.is_checked() for box in page.get_by_label("Done").all()] == [False, True, False]
    expect(page.get_by_label("Namespace")).to_have_value("night")
    expect(page.locator(".code", has_text="kubectl -n night top pods")).to_be_visible()

    page.goto("/")
    page.keyboard.press("/")
    page.keyboard.type("ChurnApiLatencyBu")
    first = page.get_by_role("option").first
    expect(first).to_contain_text("High API latency")
    page.keyboard.press("ArrowDown")
    expect(first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(RUNBOOK))

    page.locator("main").get_by_role("link", name="A scorecard is the model").click()
    page.wait_for_url("**/adrs/002-scorecard#confirmation")
    expect(page.get_by_role("heading", name="Confirmation")).to_be_in_viewport()

    page.goto(RUNBOOK)
    page.emulate_media(media="print")
    for gone in ("Main", "Runbooks", "On this page"):
        expect(page.get_by_role("navigation", name=gone, include_hidden=True)).to_be_hidden()
    expect(page.locator(".values")).to_be_hidden()
    expect(page.get_by_role("heading", name="3. Follow the requests")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"


def test_commands_ask_the_page_s_own_origin_and_no_other_that_a_link_names(page: Page) -> None:
    """Only the reader's own input fills commands, and is kept; the address never does."""
    evil = "API=http://evil.example:1&NAMESPACE=evil"
    page.goto(RUNBOOK)
    origin = page.evaluate("location.origin")
    for address in (f"{RUNBOOK}?{evil}", f"{RUNBOOK}#{evil}", f"{RUNBOOK}?{evil}#{evil}"):
        page.goto("about:blank")
        page.goto(address)
        for blank in page.get_by_role("form", name="Your values").get_by_role("textbox").all():
            expect(blank).to_have_value("")
        assert "evil" not in page.content()
        expect(page.locator('.value[data-name="API"]').first).to_have_text(origin)
        expect(page.get_by_label("Address of the API")).to_have_attribute("placeholder", origin)

    page.get_by_label("Address of the API").fill("https://churn.example")
    expect(page.locator('.value[data-name="API"]').first).to_have_text("https://churn.example")
    page.goto("about:blank")
    page.goto(f"{RUNBOOK}?{evil}")
    expect(page.locator('.value[data-name="API"]').first).to_have_text("https://churn.example")
    page.get_by_label("Address of the API").fill("")
    expect(page.locator('.value[data-name="API"]').first).to_have_text(origin)


def test_without_scripts_no_field_asks_for_values(browser: Browser) -> None:
    """Without scripts, the commands stay as written."""
    with (
        serve(make_app(SAMPLE, None)) as address,
        browser.new_context(base_url=address, java_script_enabled=False) as context,
    ):
        page = context.new_page()
        page.goto(f"{RUNBOOK}?NAMESPACE=evil")
        expect(page.locator(".code", has_text="kubectl -n").first).to_be_visible()
        expect(page.locator("form.values")).to_be_hidden()
        assert "evil" not in page.content()


def test_causes_are_told_apart_by_their_checks(page: Page) -> None:
    """Each cause shows the result of its own check."""
    page.goto(RUNBOOK)
    cache = page.locator(".cause", has_text="Cause 1: The cache is down").locator(".verdict")
    workers = page.locator(".cause", has_text="Cause 2: Too few workers").locator(".verdict")
    expect(cache.locator(".chip")).to_have_text("This is it")
    expect(cache).to_contain_text("no answer (expected: an answer within 100 ms)")
    expect(workers.locator(".chip")).to_have_text("Ruled out")
    glance = page.get_by_role("region", name="Possible causes").get_by_role("listitem")
    expect(glance).to_have_text(["The cache is down This is it", "Too few workers Ruled out"])

    page.route(
        "**/diagnostics/*",
        lambda route: route.fulfill(json={"ok": True, "measured": "1 ms", "threshold": "100 ms"}),
    )
    cache.get_by_role("button", name="Check now").click()
    expect(cache.locator(".chip")).to_have_text("Ruled out")


def test_a_check_that_many_wait_for_is_asked_again(browser: Browser, address: str) -> None:
    """The service refuses those for whom it has no place, and says when to come again."""
    refused: list[str] = []

    def refuse_once(route: Route) -> None:
        if refused.count(route.request.url):
            route.fallback()
        else:
            refused.append(route.request.url)
            route.fulfill(status=503, headers={"Retry-After": "1"})

    with browser.new_page(base_url=address) as page:
        page.route("**/diagnostics/*", refuse_once)
        page.goto(RUNBOOK)
        cache = page.locator(".cause", has_text="Cause 1: The cache is down").locator(".verdict")
        expect(cache.locator(".chip")).to_have_text("This is it")
    assert len(refused) == 2


def test_a_cause_that_was_ruled_out_steps_back(page: Page) -> None:
    """Readers can fold a cause, which is kept; print shows everything."""
    page.goto(RUNBOOK)
    cause = page.locator(".cause", has_text="Cause 2: Too few workers")
    cause.get_by_label("Set aside").check()
    expect(cause.get_by_text("every operation is slow")).to_be_hidden()
    page.reload()
    expect(cause.get_by_text("every operation is slow")).to_be_hidden()
    page.emulate_media(media="print")
    expect(cause.get_by_text("every operation is slow")).to_be_visible()
    expect(cause.locator(".verdict")).to_be_hidden()


@pytest.mark.parametrize("fault", ["refused", "cut off"])
def test_what_is_live_says_when_it_is_not_available(browser: Browser, fault: str) -> None:
    """The page works without checks and without Prometheus."""
    with (
        serve(make_app(SAMPLE, None, prometheus_url="http://127.0.0.1:9")) as address,
        browser.new_page(base_url=address) as page,
    ):
        page.route(
            "**/diagnostics/*",
            lambda route: route.fulfill(status=403) if fault == "refused" else route.abort(),
        )
        page.goto(RUNBOOK)
        chips = page.locator(".verdict .chip")
        expect(chips.first).to_have_text("Not available")
        expect(chips.last).to_have_text("Not available")
        expect(page.locator(".side [data-alert]").first).to_have_text("Not available")


def test_the_auditor_s_path(page: Page) -> None:
    """The card's metrics and digests; the timeline, a superseded decision and its successor."""
    page.goto("/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Model").click()
    expect(page.get_by_role("row", name=re.compile("^ROC AUC"))).to_contain_text("0.400 to 0.600")
    page.locator(".plot").first.get_by_text("Numbers as a table").click()
    expect(page.locator(".plot").first.get_by_role("table")).to_be_visible()
    expect(page.get_by_role("img", name="Calibration,")).to_be_visible()

    page.get_by_role("navigation", name="Main").get_by_role("link", name="Decisions").click()
    page.get_by_role("navigation", name="By status").get_by_role("link", name="Superseded").click()
    page.get_by_role("heading", level=2).get_by_role("link").click()
    expect(page.locator(".superseded-by")).to_contain_text("This decision is superseded")
    page.locator(".superseded-by").get_by_role("link").click()
    page.wait_for_url("**/adrs/002-scorecard")
    expect(page.locator(".side .confirmed")).to_contain_text("benchmarks/size.py::main")


def test_a_file_that_changed_under_the_model_is_a_red_banner(
    browser: Browser, tmp_path: Path
) -> None:
    """The page shows first; then it fetches the digests on disk, and one differs."""
    serving = made_up_release.make(tmp_path)
    with (
        serve(make_app(SAMPLE, serving)) as address,
        browser.new_page(base_url=address) as page,
    ):
        page.goto("/model-card")
        expect(page.locator("[data-file]").first).to_have_text("The same on disk")
        expect(page.get_by_role("alert")).to_be_hidden()
        (tmp_path / "scorecard.json").write_text('{"changed": true}')
        page.reload()
        expect(page.get_by_role("alert")).to_contain_text("scorecard.json")


def test_search_is_for_the_keyboard_and_for_everyone(page: Page) -> None:
    """Results while typing; Escape closes; without a choice Enter opens the page of results."""
    page.goto("/guides")
    page.keyboard.press("/")
    box = page.get_by_role("combobox", name="Search", exact=True)
    expect(box).to_be_focused()
    page.keyboard.type("latncy")
    expect(page.get_by_role("option").first).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=latncy")
    expect(page.locator("ol.results a").first).to_be_visible()


def test_the_keyboard_alone_reaches_everything(page: Page) -> None:
    """Tab goes to each link, button, field, box, disclosure and scrolling block, once."""
    page.set_viewport_size({"width": 1300, "height": 900})
    page.goto(RUNBOOK)
    expect(page.get_by_role("button", name="Check again")).to_be_enabled()
    wanted = page.evaluate("""() => {
      const all = [...document.querySelectorAll(
        'a[href], button:not(:disabled), input, summary, [tabindex="0"]')];
      const seen = all.filter((e) => e.checkVisibility({ visibilityProperty: true }));
      seen.forEach((e, i) => { e.dataset.order = i; });
      return seen.length;
    }""")
    page.evaluate("document.activeElement.blur()")
    reached = set()
    for _ in range(wanted):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.dataset.order"))
    assert len(reached - {None}) == wanted


@pytest.mark.parametrize("path", [*PAGES, f"{RUNBOOK}#cause-1-the-cache-is-down"])
@pytest.mark.parametrize("width", [375, 1300])
def test_nothing_moves_and_little_is_sent(page: Page, path: str, width: int) -> None:
    """No layout shift while live values come in; all that a page fetches is under 150 kB."""
    answers: list[Response] = []
    # Not the method itself: Playwright notes something at its handlers.
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108
    page.set_viewport_size({"width": width, "height": 800})
    page.add_init_script(WATCH)
    page.goto(path, wait_until="networkidle")
    for chip in page.locator(".verdict .chip").all():
        expect(chip).not_to_have_text("Not run")
    assert page.evaluate("window.shifts") < VISIBLE_SHIFT
    assert 0 < sum(len(answer.body()) for answer in answers) < 150_000
