"""The card's figures of money, of calibration, of fairness limits and of repeated validation."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from app.handbook.card import calibration_out_of_fold, spread_plots, threshold_outcomes
from app.handbook.card.number_format import money
from app.handbook.card.profit_curve import costs, profit_chart, value_chosen
from model.economics import Economics
from tests.handbook import made_up_release
from tests.handbook.conftest import SAMPLE, make_app

EVALUATION = made_up_release.EVALUATION
REPEATS = EVALUATION["repeated_cross_validation"]
POLICIES = {"default": 0.5, "value": 0.165}


def words(page: str) -> str:
    return " ".join(re.sub("<[^>]+>", " ", page).split())


def test_the_profit_curve_marks_break_even_and_the_best_of_these_customers() -> None:
    """Its axis begins at zero where nothing is lost."""
    found = threshold_outcomes.outcomes(EVALUATION["curve"])
    made = profit_chart(found, POLICIES, EVALUATION["economics"])
    assert [mark.text for mark in made.marks] == ["Break even", "Value", "Default"]
    assert "0.164, the break-even" in made.caption
    assert "0.3 brings most: about 2,250 EUR per 1,000 customers" in made.caption
    (line,) = made.lines
    assert [y for _, y in line.points] == [120.2, 60.0, 160.2, 200.1, 240.0]
    assert [tick.text for tick in made.levels] == ["0", "1,000", "2,000"]


def test_a_loss_is_below_zero() -> None:
    found = [
        threshold_outcomes.Outcome(t, 0.5, 0.1, 0.5, 0.1, profit)
        for t, profit in ((0.0, -40.0), (0.5, -10.0))
    ]
    made = profit_chart(found, POLICIES, EVALUATION["economics"])
    levels = [tick.text for tick in made.levels]
    assert (levels[0], levels[-1]) == ("\N{MINUS SIGN}40k", "0")
    assert made.levels[-1].at == 60.0


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (7632.4, "7,630"),
        (-12.34, "\N{MINUS SIGN}12.3"),
        (1e6, "1,000,000"),
    ],
)
def test_amounts_have_three_digits(amount: float, text: str) -> None:
    assert money(amount) == text


def test_costs_are_sentences() -> None:
    said = costs(Economics("EUR", 1.5, 10.0, 1200.0, 0.25, b""))
    assert "A call costs 1.5 EUR, and the offer 10 EUR" in said
    assert "It keeps 25 of 100 leavers who are called; a customer kept is worth 1,200 EUR." in said


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "0.165, the break-even. On held-out customers 0.171 brings 0.0100 EUR per customer"),
        ({"best": 0.165, "gain": 0.0}, "0.165, the break-even; no other brings more"),
        ({"value": 0.171, "gain": 0.05}, "0.171: on held-out customers it brings 0.0500 EUR"),
    ],
)
def test_the_policy_value_says_why(changed: dict[str, float], said: str) -> None:
    assert said in value_chosen(EVALUATION["economics"] | changed)


def test_the_page_says_money_with_and_without_javascript(reader: FlaskClient) -> None:
    said = words(reader.get("/model-card").text)
    assert "100 calls wasted. Brings about 1,000 EUR." in said
    assert "30 of 100 leavers who are called (Beta distribution, 6 and 14)" in said
    assert "Chance: validation lies outside." in said
    assert "On held-out customers 0.171 brings" in said
    assert (
        "Has a partner: recall 0.250 Partner: no 0.500 Partner: yes 0.250 beyond its limit 0.200"
        in said
    )
    excepted = "Has a partner: recall. Too few customers to say Machine learning team, until"
    assert f"{excepted} 28 Feb 2027" in said


def test_the_slider_says_what_a_threshold_brings(page: Page) -> None:
    page.goto("/model-card")
    said = page.locator(".said")
    expect(said).to_contain_text("That brings about 1,000 EUR.")
    page.get_by_label("Threshold", exact=True).press("Home")
    expect(said).to_contain_text("At a threshold of 0.1, of 1,000 customers 800 are called.")
    expect(said).to_contain_text("That brings about 1,500 EUR.")


def test_a_release_without_economics_speaks_of_no_money(tmp_path: Path) -> None:
    serving = made_up_release.make(tmp_path)
    older = ("calibration", "curve", "distributions", "training_rows_by_bin", "sizes")
    serving.evaluation = {key: EVALUATION[key] for key in older}
    serving.evaluation["curve"] = [
        {key: value for key, value in row.items() if key != "profit"} for row in EVALUATION["curve"]
    ]
    serving.economics = None
    page = make_app(SAMPLE, serving).test_client().get("/model-card").text
    assert "rings about" not in page
    assert "EUR" not in page
    assert "figure.profit" not in page
    assert "figure.repeated-cross-validation" not in page


@pytest.mark.parametrize(
    ("kept", "gain", "said"),
    [
        (False, 2e-5, "was tried and left out: it lowers log loss by 0.00002, no more than one"),
        (False, -5e-4, "was tried and left out: it raises log loss by 0.00050."),
        (True, 2e-3, "is recalibrated (slope 1.020, intercept 0.010): that lowers log loss by"),
    ],
)
def test_recalibration_says_why(kept: bool, gain: float, said: str) -> None:
    found: dict[str, Any] = dict(EVALUATION["calibration_out_of_fold"])
    found["recalibration"] = {**found["recalibration"], "kept": kept, "log_loss_gain": gain}
    caption = calibration_out_of_fold.out_of_fold(found).caption
    assert said in caption
    assert "Brier score 0.125 (95% interval 0.100 to 0.150)" in caption


def test_repeats_are_dots_and_a_part_outside_lies_outside() -> None:
    plot = spread_plots.repeats(REPEATS)
    one, other = plot.rows
    assert len(one.dots) == 3
    assert other.ends is not None
    assert other.ends[0] < one.dots[0] < other.ends[1]
    assert [mark.text for mark in plot.marks] == ["Validation 0.825", "Test 0.863"]
    assert plot.marks[0].at < other.ends[0]


def test_approval_is_on_the_first_screen(reader: FlaskClient, tmp_path: Path) -> None:
    assert "Approval Not approved" in words(reader.get("/model-card").text)
    serving = made_up_release.make(tmp_path)
    serving.approval = SimpleNamespace(team="ML engineers", date=datetime.date(2026, 11, 29))
    said = words(make_app(SAMPLE, serving).test_client().get("/model-card").text)
    assert "Approved by ML engineers on 29 Nov 2026" in said
