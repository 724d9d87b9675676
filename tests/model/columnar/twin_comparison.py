"""What the array scorer gives, beside what the plain one gives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isnan, nan
from typing import Any

from app.predictions.scorer import Scorer
from model.columnar.array_scorer import ArrayScorer
from model.features import Contract, Value
from model.scorecard import Scorecard
from tools.coded_customers import coded

CLOSE = 1e-12


def differences(
    arrays: Scorecard,
    contract: Contract,
    customers: Sequence[dict[str, Value]],
    policy: str = "default",
    plain: Scorecard | None = None,
) -> Iterator[tuple[int, str, Any, Any]]:
    """Yield number of the customer, what differs, the array scorer's value, the plain one's.

    Args:
        arrays: scored by the array scorer.
        contract: of it.
        customers: checked against the contract.
        policy: decides.
        plain: scored by the plain scorer, if it is another scorecard.
    """
    plain = plain or arrays
    features, scorer = coded(contract, customers), ArrayScorer(arrays, contract)
    scores = scorer.score(features)
    churns = scorer.churns(features, scores, plain.policies[policy])
    rows = zip(*(column.tolist() for column in scores), churns.tolist(), strict=True)
    answers = Scorer(plain, contract).score_many(customers, policy)
    for number, (row, answer) in enumerate(zip(rows, answers, strict=True)):
        ends = answer["unknown"]["range"] or (nan, nan)
        names = ("log-odds", "probability", "low", "high")
        expected = (plain.log_odds(customers[number]), answer["churn_probability"], *ends)
        for name, got, right in zip(names, row[:4], expected, strict=True):
            if not (abs(got - right) <= CLOSE or (isnan(got) and isnan(right))):
                yield number, name, got, right
        if row[4] != (answer["prediction"] == "churn"):
            yield number, "prediction", row[4], answer["prediction"]
