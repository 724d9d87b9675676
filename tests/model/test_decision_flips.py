"""Decisions that another scorecard changes: counts that must agree, whatever the scorecards."""

from __future__ import annotations

from itertools import product

import pytest

from model.decision_flips import INTERCEPT, SHOWN, UNKNOWN, Flips
from model.scorecard import probability
from tests.model.random_scorecards import random_scorecard

CUSTOMERS = [
    dict(zip(("f0", "f1", "f2", "f3"), values, strict=True))
    for values in product((None, "a", "rare"), (None, 0.5, 7.0), (None, "b"), (None, 1.0))
]


@pytest.mark.parametrize("seed", range(4))
def test_counts_agree_with_each_customer_scored_apart(seed: int) -> None:
    one, other = random_scorecard(seed), random_scorecard(seed + 1)
    flips = Flips(one, other)
    expected = []
    for number, customer in enumerate(CUSTOMERS):
        flips.add(str(number), customer, customer)
        was, now = (probability(s.log_odds(customer)) for s in (one, other))
        if (was >= 0.5) != (now >= 0.5):
            expected.append((str(number), was, now, now >= 0.5))
    counts = flips.policies["default"]
    assert counts.before is not None
    assert counts.after is not None
    assert counts.after - counts.before == counts.to_churn - counts.to_no_churn
    assert counts.to_churn == sum(flag for *_, flag in expected)
    assert flips.changed == len(expected) == counts.to_churn + counts.to_no_churn
    told = [(f.id, f.before, f.after, f.policies["default"]) for f in flips.first]
    assert told == expected[:SHOWN]
    terms = {" x ".join(term.features) for term in one.terms}
    assert {flip.moved for flip in flips.first} <= {*terms, UNKNOWN, INTERCEPT}
