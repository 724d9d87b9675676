"""A runbook's page in an incident: what it says first, what it folds, what it keeps."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tools.browser import tab_to

RUNBOOK = "/runbooks/high-api-latency"
TIME = r"\d\d:\d\d:\d\d UTC"
CHECKED = re.compile(rf"checked {TIME}")
FOUND = {"ok": False, "measured": "no answer", "threshold": "an answer within 100 ms"}
SOUND = {"ok": True, "measured": "1 ms", "threshold": "100 ms"}
FAILED = {"ok": None, "measured": "the check failed: ZeroDivisionError", "threshold": "a result"}


def cause(page: Page, name: str) -> Locator:
    return page.locator(".cause", has=page.get_by_role("heading", name=name))


def answering(**answers: object) -> Callable[[Route], None]:
    """Answers for the checks by name: a result, a status, or None for no answer."""

    def answer(route: Route) -> None:
        found = answers[route.request.url.rpartition("/")[2]]
        if isinstance(found, int):
            route.fulfill(status=found)
        elif found is None:
            route.abort()
        else:
            route.fulfill(json=found)

    return answer


def test_the_first_screen_of_a_phone_leads_to_the_solution(page: Page) -> None:
    """The likely cause is open, the others are folded; the reader's own choice wins."""
    page.set_viewport_size({"width": 375, "height": 667})
    page.goto(RUNBOOK)
    likely = page.locator(".likely")
    expect(likely).to_have_text(
        re.compile(rf"^Likely: The cache is down → solution · checked {TIME}$")
    )
    for part in (".alerting", ".likely", "[data-start]"):
        expect(page.locator(part)).to_be_in_viewport(ratio=1)

    found, other = cause(page, "The cache is down"), cause(page, "Too few workers")
    expect(found.locator(".verdict")).to_contain_text(CHECKED)
    expect(found.get_by_text("then warm it")).to_be_visible()
    expect(other.locator(".verdict")).to_contain_text("Ruled out")
    expect(other.locator(".verdict")).to_contain_text("two at 10% (expected: one below 85%)")
    expect(other.get_by_text("every operation is slow")).to_be_hidden()

    for words in ("This is it", "Ruled out"):  # in the list and beside the cause, nowhere else
        expect(page.locator(".chip", has_text=words)).to_have_count(2)

    other.get_by_role("button", name="Open").click()
    found.get_by_role("button", name="Fold").click()
    page.get_by_role("button", name="Check again").click()
    expect(page.get_by_role("button", name="Check again")).to_be_enabled()
    expect(other.get_by_text("every operation is slow")).to_be_visible()
    expect(found.get_by_text("then warm it")).to_be_hidden()

    likely.get_by_role("link", name="solution").click()
    expect(found.get_by_text("then warm it")).to_be_in_viewport()
    expect(likely).to_be_in_viewport(ratio=1)
    assert page.evaluate("""() => document.querySelector(":target").getBoundingClientRect().top
        >= document.querySelector(".now").getBoundingClientRect().bottom""")


def test_a_cause_that_an_alert_names_stays_open(page: Page) -> None:
    """Its check may rule it out: the reader came for it all the same, and sees the line above."""
    page.set_viewport_size({"width": 375, "height": 667})
    page.goto(f"{RUNBOOK}#cause-2-too-few-workers")
    named = cause(page, "Too few workers")
    expect(named.locator(".verdict")).to_contain_text("Ruled out")
    expect(named.get_by_text("every operation is slow")).to_be_in_viewport()
    for part in (".alerting", ".likely", "[data-start]"):
        expect(page.locator(part)).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize(
    ("answers", "line"),
    [
        (
            {"cache": SOUND, "workers": SOUND},
            "None of these causes: escalate After 15 minutes to the Platform team in #incidents.",
        ),
        (
            {"cache": FOUND, "workers": FOUND},
            "Two causes found: The cache is down → solution, Too few workers → solution",
        ),
        (
            {"cache": 403, "workers": 403},
            "The checks are not available: run them by hand. This key lacks the scope operate",
        ),
        (
            {"cache": None, "workers": None},
            "The checks are not available: run them by hand",
        ),
        (
            {"cache": SOUND, "workers": None},
            "None found yet. Check by hand: Too few workers",
        ),
        (
            {"cache": SOUND, "workers": FAILED},
            "None found yet. Check by hand: Too few workers",
        ),
    ],
    ids=["none", "two", "refused", "no answer", "one without an answer", "one that failed"],
)
def test_the_line_says_what_the_checks_found(
    browser: Browser, address: str, answers: dict[str, object], line: str
) -> None:
    """It is announced to those who don't see it."""
    with browser.new_page(base_url=address) as page:
        page.route("**/diagnostics/*", answering(**answers))
        page.goto(RUNBOOK)
        said = page.locator('.likely [aria-live="polite"]')
        expect(said).to_have_text(line)
        if "None of these" in line:
            said.get_by_role("link", name="escalate").click()
            expect(page.get_by_role("heading", name="Escalation")).to_be_in_viewport()


def test_an_incident_is_kept_by_the_keyboard_alone(page: Page) -> None:
    """Start, tick, set aside, note, reload, copy; start again asks before it clears."""
    page.goto(RUNBOOK)
    tab_to(page, page.get_by_role("button", name="Start incident"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Started")).to_be_focused()
    tab_to(page, page.get_by_label("Note"))
    page.keyboard.type("Paged the <database> team")
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("Done").nth(1))
    page.keyboard.press("Space")
    tab_to(page, page.get_by_label("Set aside").nth(1))
    page.keyboard.press("Space")

    page.reload()
    log = page.get_by_label("What happened")
    for words in (
        "Incident started",
        "Check: The cache is down: this is it, no answer (expected: an answer within 100 ms)",
        "Check: Too few workers: ruled out, two at 10% (expected: one below 85%)",
        "Paged the <database> team",
        "Done: 2. Look at the workers",
        "Set aside: Cause 2: Too few workers",
    ):
        expect(log.get_by_role("listitem").filter(has_text=words)).to_have_text(
            re.compile(rf"^{TIME} {re.escape(words)}$")
        )
    expect(page.get_by_label("Done").nth(1)).to_be_checked()
    expect(page.get_by_role("button", name="Check again")).to_be_enabled()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        violations = Axe().run(page).response["violations"]
        assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in violations] == []
    expect(page.locator("[data-kept]")).to_contain_text("kept in this browser only, until")

    tab_to(page, page.get_by_role("button", name="Copy summary"))
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert copied[0] == "Incident: High API latency (P2)"
    assert re.fullmatch(rf"Started: {TIME}", copied[1])
    assert copied[3].startswith("Cause: The cache is down: this is it, no answer")
    assert copied[-1].endswith(f"{RUNBOOK}#cause-1-the-cache-is-down")
    assert len(copied) == 4 + 6 + 1

    tab_to(page, page.get_by_role("button", name="Start again"))
    page.once("dialog", lambda asked: asked.dismiss())
    page.keyboard.press("Enter")
    expect(page.get_by_label("Done").nth(1)).to_be_checked()
    page.once("dialog", lambda asked: asked.accept())
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Start incident")).to_be_focused()
    expect(page.get_by_label("Done").nth(1)).not_to_be_checked()
    page.reload()
    expect(page.get_by_label("Done").nth(1)).not_to_be_checked()
    expect(page.get_by_label("What happened")).to_be_hidden()


def test_an_incident_ends_after_twelve_hours_and_is_checked_meanwhile(page: Page) -> None:
    """Every 30 seconds a round by itself; without an incident there is none."""
    asked: list[str] = []
    page.clock.install()
    page.on("request", lambda sent: asked.append(sent.url) if "/diagnostics/" in sent.url else None)
    page.goto(RUNBOOK)
    again = page.get_by_role("button", name="Check again")
    expect(again).to_be_enabled()
    page.clock.fast_forward(31_000)
    expect(again).to_be_enabled()
    assert len(asked) == 2

    page.get_by_label("Done").first.check()
    page.get_by_role("button", name="Start incident").click()
    for rounds in (3, 4):
        expect(again).to_be_enabled()
        page.clock.fast_forward(31_000)
        expect(again).to_be_enabled()
        assert len(asked) == 2 * rounds
    page.clock.fast_forward("11:58:00")
    expect(page.get_by_label("Done").first).to_be_checked()
    page.clock.fast_forward("00:02:00")
    expect(page.get_by_role("button", name="Start incident")).to_be_visible()
    expect(page.get_by_label("Done").first).not_to_be_checked()


def test_a_tick_before_the_start_belongs_to_the_session(page: Page) -> None:
    """It survives a reload, and nobody finds it in a new window; the incident takes it over."""
    page.goto(RUNBOOK)
    page.get_by_label("Done").first.check()
    page.reload()
    expect(page.get_by_label("Done").first).to_be_checked()
    other = page.context.new_page()
    other.goto(RUNBOOK)
    expect(other.get_by_label("Done").first).not_to_be_checked()
    page.get_by_role("button", name="Start incident").click()
    expect(other.get_by_label("Done").first).to_be_checked()
    expect(other.get_by_role("link", name="Started")).to_be_visible()


def test_without_scripts_every_cause_is_open(browser: Browser, address: str) -> None:
    with browser.new_page(base_url=address, java_script_enabled=False) as page:
        page.goto(RUNBOOK)
        expect(
            cause(page, "Too few workers").get_by_text("every operation is slow")
        ).to_be_visible()
        expect(page.get_by_text("Start incident")).to_be_hidden()
