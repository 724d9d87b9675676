"""The model's page in a browser: explorer of thresholds, switch to log-odds, width of tables."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.handbook.conftest import serve
from tools.browser import Watched, tab_to, watched

SAID = "of 1,000 customers {} are called. Of 266 leavers {} are caught, and {} calls go to"


@pytest.fixture(scope="module")
def url(app: Flask) -> Iterator[str]:
    """The whole service, with the release that ships."""
    with serve(app) as address:
        yield address


@pytest.fixture
def card(browser: Browser, url: str) -> Iterator[Watched]:
    """The page; a message in the console fails the test."""
    with watched(browser, base_url=url, reduced_motion="reduce") as seen:
        seen.page.goto("/model-card")
        yield seen
    assert seen.console == []


def test_the_keyboard_explores_thresholds(card: Watched) -> None:
    """Each step says its consequences and moves the marks of every curve."""
    page = card.page
    slider, said = page.get_by_label("Threshold", exact=True), page.locator(".said")
    marks = page.locator("[data-explored]")
    expect(said).to_contain_text("threshold of 0.5, " + SAID.format(211, 149, 62))
    expect(said).to_contain_text("That brings about 7,630 USD.")
    before = [mark.get_attribute("cx") for mark in marks.all()]
    tab_to(page, slider)
    page.keyboard.press("ArrowLeft")
    expect(said).to_contain_text("threshold of 0.49, ")
    assert len(before) == 6
    assert all(mark.get_attribute("cx") != cx for mark, cx in zip(marks.all(), before, strict=True))
    page.keyboard.press("End")
    expect(said).to_contain_text("threshold of 1, " + SAID.format(0, 0, 0))
    tab_to(page, page.get_by_role("button", name="Show High precision"))
    page.keyboard.press("Enter")
    expect(said).to_contain_text("threshold of 0.658, " + SAID.format(99, 80, 19))
    expect(slider).to_have_attribute("aria-valuetext", "0.658")
    expect(said).to_have_attribute("aria-live", "polite")


def test_effects_are_odds_or_log_odds(card: Watched) -> None:
    page, contract = card.page, card.page.locator('[id="term.contract"]')
    odds, log_odds = (contract.locator(f"svg .in-{name}").first for name in ("odds", "log-odds"))
    assert (odds.is_visible(), log_odds.is_visible()) == (True, False)
    assert contract.locator(".note").inner_text().endswith("odds).")
    page.get_by_label("Show effects as log-odds").check()
    expect(log_odds).to_be_visible()
    assert not odds.is_visible()
    assert "odds" not in contract.locator(".note").inner_text()


@pytest.mark.parametrize("width", [1280, 1440])
def test_wide_tables_are_whole(card: Watched, width: int) -> None:
    """Fairness and policies have the width that they need."""
    card.page.set_viewport_size({"width": width, "height": 900})
    for name in ("Fairness", "Policies", "Metrics"):
        table = card.page.get_by_role("group", name=name, exact=True)
        assert table.evaluate("e => e.scrollWidth <= e.clientWidth")


def test_facts_and_contents_are_reached_on_a_narrow_screen(card: Watched) -> None:
    page = card.page
    page.set_viewport_size({"width": 820, "height": 900})
    expect(page.locator("#facts")).to_be_in_viewport()
    page.locator(".contents-top summary").click()
    page.locator(".contents-top").get_by_role("link", name="Fairness").click()
    expect(page.get_by_role("heading", name="Fairness")).to_be_in_viewport()


def test_an_auditor_goes_from_a_metric_to_data_approver_and_decision(card: Watched) -> None:
    page = card.page
    page.get_by_role("link", name="Log loss").click()
    expect(page.get_by_role("heading", name="Evaluation data")).to_be_in_viewport()
    section = page.get_by_role("region", name="Evaluation data")
    section.get_by_role("link", name="Telco customer churn sample").click()
    expect(page.get_by_text("It describes home phone and internet customers")).to_be_in_viewport()
    page.go_back()
    section.get_by_role("link", name="Approval and decisions").click()
    facts = page.locator("#facts")
    expect(facts.get_by_text("Approved by ML engineers")).to_be_in_viewport()
    facts.get_by_role("link", name="ADR-006").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Train on the IBM telecom churn sample"
    )


def test_without_javascript_thresholds_are_sentences(browser: Browser, url: str) -> None:
    with browser.new_page(base_url=url, java_script_enabled=False) as page:
        page.goto("/model-card")
        assert not page.locator(".explorer input").is_visible()
        policies = page.locator(".policies").inner_text()
        assert (
            "High precision (0.658): 99 called, 80 of 266 leavers caught, 19 calls wasted. "
            "Brings about 4,300 USD." in policies
        )
        page.get_by_label("Show effects as log-odds").check()
        assert page.locator('[id="term.contract"] .note .in-log-odds').first.is_visible()


def test_nothing_moves(card: Watched) -> None:
    """The layout shifts by no more than 0.01 in all, while the page loads and is explored."""
    page: Page = card.page
    page.evaluate(
        "() => new PerformanceObserver((list) => { window.moved = (window.moved || 0) + "
        "list.getEntries().reduce((sum, entry) => sum + entry.value, 0); })"
        ".observe({ type: 'layout-shift', buffered: true })"
    )
    page.get_by_label("Threshold", exact=True).focus()
    for key in ("Home", "ArrowRight", "End"):
        page.keyboard.press(key)
    page.get_by_text("The same on disk").first.wait_for()
    assert page.evaluate("window.moved || 0") <= 0.01
