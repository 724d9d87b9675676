"""Cells ranked by size: found as the scorecard's own terms find them."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from model.bins import Bins
from model.features import Contract, Feature, Value
from model.ranked_points import RankedPoints
from model.scorecard import Scorecard, Term
from tests.model.random_scorecards import random_contract, random_customers, random_scorecard


def whole(contract: Contract, customer: dict[str, Value]) -> dict[str, Value]:
    return {**contract.nothing, **customer}


@given(st.integers(0, 20).map(random_scorecard), random_customers())
def test_a_customer_has_the_effects_of_the_terms(
    scorecard: Scorecard, customer: dict[str, Value]
) -> None:
    ranked = RankedPoints(scorecard.terms, random_contract())
    places, effects, complete = ranked.find(whole(random_contract(), customer))
    expected = scorecard.effects(customer)
    assert [ranked.points[place] for place in places] == expected
    assert [ranked.cells[place].term for place in places] == list(range(len(expected)))
    assert effects == sum(expected)
    assert complete == (len({n for n, v in customer.items() if v is not None}) == 5)


@given(st.integers(0, 20).map(random_scorecard), random_customers())
def test_sorted_places_sort_the_effects_by_size(
    scorecard: Scorecard, customer: dict[str, Value]
) -> None:
    """Equal effects keep the order of their terms; those of 0 come last."""
    ranked = RankedPoints(scorecard.terms, random_contract())
    places = sorted(ranked.find(whole(random_contract(), customer))[0])
    effects = scorecard.effects(customer)
    order = sorted(range(len(effects)), key=lambda i: -abs(effects[i]))
    assert [ranked.cells[place].term for place in places] == order
    assert [place < ranked.above_zero for place in places] == [effects[i] != 0 for i in order]


WHOLE = st.integers(-50, 50)


@given(
    st.lists(st.floats(-40, 40), unique=True, max_size=6).map(sorted),
    WHOLE | WHOLE.map(float) | st.none(),
)
def test_whole_numbers_are_sorted_by_any_edges(edges: list[float], value: Any) -> None:
    """Edges of integers are rounded up, which leaves every whole number in its bin."""
    feature = Feature("n", "N", "integer", "", 1, minimum=-50, maximum=50)
    points = [float(number) for number in range(len(edges) + 2)]
    term = Term(("n",), (Bins(edges=tuple(edges)),), points)
    ranked = RankedPoints((term,), Contract((feature,)))
    assert ranked.find({"n": value})[1] == term.effect({"n": value}.get)
