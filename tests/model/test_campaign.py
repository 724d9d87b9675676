"""What calling customers costs and brings, against outcomes that are drawn."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from model import economics as economics_file
from model.campaign import COVERAGE, Amount, Limits, Totals, campaign
from model.economics import Economics, load_economics

ECONOMICS = load_economics(Path(economics_file.__file__).with_name(economics_file.NAME))
DRAWS = 4000


def drawn(economics: Economics, churns: list[float], draw: random.Random) -> tuple[float, float]:
    """Cost and gain of one outcome, customer by customer."""
    chance = economics.chance_kept
    works = draw.betavariate(*chance) if isinstance(chance, tuple) else chance
    cost = gain = 0.0
    for churn in churns:
        leaves = draw.random() < churn
        kept = leaves and draw.random() < works
        cost += economics.contact_cost + economics.offer_cost * (kept or not leaves)
        gain += economics.customer_value * kept
    return cost, gain


@pytest.mark.parametrize(
    ("chance", "contact", "offer"),
    [
        ((6.0, 14.0), 1.0, 10.0),
        (0.3, 1.0, 10.0),
        ((0.7, 0.5), 5.0, 60.0),
        ((600.0, 30.0), 0.0, 2.0),
    ],
)
def test_means_and_ranges_are_those_of_drawn_outcomes(
    chance: float | tuple[float, float], contact: float, offer: float
) -> None:
    economics = replace(ECONOMICS, chance_kept=chance, contact_cost=contact, offer_cost=offer)
    draw = random.Random(1)
    churns = [draw.random() ** 0.5 for _ in range(60)]
    totals = Totals()
    for churn in churns:
        totals = totals.plus(churn)
    assert totals.squares == pytest.approx(sum(churn**2 for churn in churns))
    outcomes = [drawn(economics, churns, draw) for _ in range(DRAWS)]
    found = campaign(economics, totals)
    assert found.cost.expected == pytest.approx(economics.cost(60, sum(churns)))
    assert found.gain.expected == pytest.approx(economics.gain(sum(churns)))
    assert found.kept * economics.customer_value == pytest.approx(found.gain.expected)
    for amount, seen in (
        (found.cost, [cost for cost, _ in outcomes]),
        (found.gain, [gain for _, gain in outcomes]),
        (found.profit, [gain - cost for cost, gain in outcomes]),
    ):
        _fits(amount, seen)


def _fits(amount: Amount, seen: list[float]) -> None:
    """Drawn outcomes have that mean, and as many of them as promised are in the range."""
    spread = amount.high - amount.low
    assert amount.expected == pytest.approx(sum(seen) / len(seen), abs=spread * 0.02)
    # Outcomes come in steps, so a range ends within one.
    inside = sum(amount.low - spread / 60 <= one <= amount.high + spread / 60 for one in seen)
    strictly = sum(amount.low + spread / 60 < one < amount.high - spread / 60 for one in seen)
    assert strictly / len(seen) - 0.01 <= COVERAGE <= inside / len(seen) + 0.01


def test_nobody_called_costs_and_brings_nothing() -> None:
    nothing = Amount(0, 0, 0)
    found = campaign(ECONOMICS, Totals())
    assert (found.cost, found.gain, found.profit) == (nothing, nothing, nothing)


@pytest.mark.parametrize("chance", [(1e9, 1.0), (1e-6, 1e-6), (1e-9, 1e9), (1e9, 1e9), 1.0])
def test_ranges_of_extreme_chances_are_possible(chance: float | tuple[float, float]) -> None:
    economics = replace(ECONOMICS, chance_kept=chance)
    found = campaign(economics, Totals(2, 1.2, 0.9))
    assert 2 <= found.cost.low <= found.cost.high <= 22
    assert 0 <= found.gain.low <= found.gain.high <= 400


def test_the_profit_for_its_cost_falls_with_the_probability() -> None:
    """So by falling probability no other list brings more for the same cost."""
    worth = []
    for churn in (0.95, 0.7, 0.4, 0.2):
        outcome = campaign(ECONOMICS, Totals(1, churn, churn**2))
        worth.append(outcome.profit.expected / outcome.cost.expected)
    assert worth == sorted(worth, reverse=True)


def test_a_list_ends_at_the_threshold_or_where_the_budget_ends() -> None:
    limits = Limits(ECONOMICS, 11.0, 0.2)
    assert limits.end(Totals(1, 0.1, 0.01), 0.1) == "threshold"
    assert limits.end(Totals(1, 0.2, 0.04), 0.2) == ""
    assert limits.end(Totals(2, 0.4, 0.08), 0.2) == "budget"
