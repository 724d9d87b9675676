"""What calling brings: the published measure, brute-force counts, and the threshold of `value`."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from EMP.metrics import empChurn
from empulse.metrics import empc_score, mpc_score
from hypothesis import given, settings
from hypothesis import strategies as st

from model.economics import Economics
from model.training.profit_measures import expected_maximum_profit, profit, profits
from model.training.threshold_choice import ValueChoice, most_profitable

PAPER = Economics("USD", 1, 10, 200, (6, 14), b"")
CASES = {
    "the paper's": PAPER,
    "dear calls": Economics("EUR", 15, 20, 300, (2, 3), b""),
    "free calls": Economics("EUR", 0, 25, 80, (1, 1), b""),
    "free offers": Economics("EUR", 2, 0, 50, (0.5, 4), b""),
}


def drawn(seed: int, customers: int = 400, digits: int = 16) -> tuple[np.ndarray, np.ndarray]:
    """Outcomes, and scores that tell something of them; few digits give ties."""
    draw = np.random.default_rng(seed)
    chances = draw.beta(1, 3, customers)
    noise = draw.normal(0, 0.1, customers)
    return draw.random(customers) < chances, np.round(np.clip(chances + noise, 0, 1), digits)


def of_empulse(churned: np.ndarray, scores: np.ndarray, costs: Economics) -> tuple[float, float]:
    assert isinstance(costs.chance_kept, tuple)
    alpha, beta = costs.chance_kept
    given: dict[str, Any] = {
        "alpha": alpha,
        "beta": beta,
        "clv": costs.customer_value,
        "incentive_cost": costs.offer_cost,
        "contact_cost": costs.contact_cost,
    }
    labels = churned.astype(int)
    return empc_score(labels, scores, **given), empc_score.optimal_rate(labels, scores, **given)


def of_emp_py(churned: np.ndarray, scores: np.ndarray, costs: Economics) -> Any:
    assert isinstance(costs.chance_kept, tuple)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it divides by zero where the hull ends level
        return empChurn(
            scores,
            churned.astype(int),
            *costs.chance_kept,
            clv=costs.customer_value,
            d=costs.offer_cost,
            f=costs.contact_cost,
        )


@pytest.mark.parametrize("costs", CASES.values(), ids=CASES)
@pytest.mark.parametrize("digits", [16, 2, 1], ids=["no ties", "some ties", "ties"])
def test_it_is_that_of_both_libraries(costs: Economics, digits: int) -> None:
    """Expected maximum profit and its share to call, which EMP-PY calls EMP and EMP_fraction."""
    for seed in range(3):
        churned, scores = drawn(seed, digits=digits)
        found = expected_maximum_profit(churned, scores, costs)
        other = of_emp_py(churned, scores, costs)
        assert found == pytest.approx(of_empulse(churned, scores, costs), abs=1e-9)
        assert found == pytest.approx((other.EMP, other.EMP_fraction), abs=1e-9)


@pytest.mark.parametrize("digits", [16, 1])
def test_with_a_fixed_chance_it_is_the_maximum_profit(digits: int) -> None:
    """EMP-PY gives it as MP, at the mean of the distribution."""
    fixed = Economics("USD", 1, 10, 200, 0.3, b"")
    churned, scores = drawn(7, digits=digits)
    found = expected_maximum_profit(churned, scores, fixed)
    other = of_emp_py(churned, scores, PAPER)
    assert found == pytest.approx((other.MP, other.MP_fraction), abs=1e-9)
    costs: dict[str, Any] = {"clv": 200, "incentive_cost": 10, "contact_cost": 1}
    same = mpc_score(churned.astype(int), scores, accept_rate=0.3, **costs)
    assert found[0] == pytest.approx(same, abs=1e-9)
    best = max(profit(churned, scores >= t, fixed) for t in [*scores, 2.0])
    assert found[0] == pytest.approx(best, abs=1e-9)


EXTREMES: dict[str, tuple[list[int], list[float]]] = {
    "one score": ([0, 1, 1, 0], [0.5] * 4),
    "perfect": ([0, 0, 0, 1, 1], [0.1, 0.2, 0.3, 0.8, 0.9]),
    "inverted": ([1, 1, 0, 0, 0], [0.1, 0.2, 0.3, 0.8, 0.9]),
    "all left": ([1, 1], [0.1, 0.2]),
    "all stayed": ([0, 0], [0.1, 0.2]),
    "one customer": ([1], [0.4]),
}
NO_HULL = {"one score", "all left", "all stayed", "one customer"}
"""EMP-PY deviates from the paper here: it makes no hull of a ROC curve without an inner point."""


@pytest.mark.parametrize("name", EXTREMES)
def test_extremes(name: str) -> None:
    labels, given_scores = EXTREMES[name]
    churned, scores = np.array(labels, dtype=bool), np.array(given_scores)
    found = expected_maximum_profit(churned, scores, PAPER)
    assert found == pytest.approx(of_empulse(churned, scores, PAPER), abs=1e-9)
    if name in NO_HULL:
        with pytest.raises((ValueError, RuntimeError)):
            of_emp_py(churned, scores, PAPER)
    else:
        other = of_emp_py(churned, scores, PAPER)
        assert found == pytest.approx((other.EMP, other.EMP_fraction), abs=1e-9)
    if name in ("inverted", "one score"):  # the ranking says nothing: all are called, or none
        mixed = expected_maximum_profit(churned, np.full(len(scores), 0.5), PAPER)
        assert found == pytest.approx(mixed, abs=1e-12)


@settings(max_examples=100)
@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 20)), min_size=1, max_size=40),
    st.tuples(st.integers(0, 20), st.integers(1, 50), st.integers(200, 900)),
    st.sampled_from([0.3, 1.0, (6.0, 14.0), (0.5, 0.5)]),
)
def test_profit_is_a_brute_force_count(
    customers: list[tuple[bool, int]],
    amounts: tuple[int, int, int],
    chance: float | tuple[float, float],
) -> None:
    """And no threshold brings more than the expected maximum profit."""
    contact, offer, value = amounts
    costs = Economics("EUR", contact, offer, value, chance, b"")
    churned = np.array([left for left, _ in customers])
    scores = np.array([score / 20 for _, score in customers])
    most = expected_maximum_profit(churned, scores, costs)[0]
    for threshold in (0.0, 0.25, 0.5, 1.0, 1.1):
        brought = 0.0
        for left, score in customers:
            if score / 20 < threshold:
                continue
            if left:
                brought += costs.mean_chance * (value - offer) - contact
            else:
                brought -= contact + offer
        flagged = scores >= threshold
        found = profit(churned, flagged, costs)
        assert found == pytest.approx(brought / len(customers), abs=1e-9)
        assert profits(churned, flagged, costs).mean() == pytest.approx(found, abs=1e-9)
        assert found <= most + 1e-9


def calibrated(shift: Callable[[np.ndarray], np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Ten thousand customers whose probabilities are right before `shift`."""
    draw = np.random.default_rng(3)
    right = draw.beta(1, 3, 10_000)
    return draw.random(10_000) < right, shift(right)


def test_right_probabilities_are_called_from_the_break_even_on() -> None:
    """Though another thousandth brings a little more on these customers, by chance."""
    choice = most_profitable([calibrated(lambda p: p)], PAPER)
    assert choice.threshold == choice.break_even == 0.165
    assert choice.best != choice.threshold
    assert 0 < choice.gain < choice.standard_error
    said = choice.said("USD")
    assert said.startswith("Calls are expected to pay from 0.165 on. On held-out customers, ")
    assert said.endswith("too little to move the threshold.")


def test_wrong_probabilities_move_the_threshold() -> None:
    """Twice as high as they should be: calls pay from about twice the break-even on."""
    churned, scores = calibrated(lambda p: np.minimum(2 * p, 1))
    choice = most_profitable(
        [(churned[:4000], scores[:4000]), (churned[4000:], scores[4000:])], PAPER
    )
    assert choice.threshold == choice.best != choice.break_even == 0.165
    assert choice.gain > choice.standard_error > 0
    assert 0.25 < choice.threshold < 0.45
    gained = profit(churned, scores >= choice.threshold, PAPER)
    gained -= profit(churned, scores >= 0.165, PAPER)
    assert choice.gain == pytest.approx(gained)
    assert choice.said("USD").endswith("so the threshold was moved.")


def test_where_nothing_brings_more_the_break_even_is_the_best() -> None:
    churned = np.arange(200) >= 100
    choice = most_profitable([(churned, np.where(churned, 0.165, 0.164))], PAPER)
    assert choice == ValueChoice(0.165, 0.165, 0.165, 0.0, 0.0)
    assert choice.said("USD") == "Calls are expected to pay from 0.165 on."
