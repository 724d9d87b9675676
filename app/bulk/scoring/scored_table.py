"""Scored customers as an Arrow table."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from app.bulk.reading.checked_customers import CheckedCustomers
from app.bulk.scoring.reason_columns import ReasonColumns
from model.columnar.array_scorer import ArrayScorer
from model.features import Contract
from model.scorecard import Scorecard

_PREDICTIONS = pa.array(["no_churn", "churn"])


class ScoredTable:
    """Scores customers, and names what was found as `churn score` does.

    Args:
        scorecard: of a release.
        contract: its features.
        policy: its threshold decides.
        most: how many columns of reasons there are.
    """

    def __init__(self, scorecard: Scorecard, contract: Contract, policy: str, most: int) -> None:
        self._policy = policy
        self._threshold = scorecard.policies[policy]
        self._version = scorecard.version
        self._most = most
        self._scorer = ArrayScorer(scorecard, contract)
        self._reasons = ReasonColumns(scorecard, contract)

    def of(self, customers: CheckedCustomers) -> pa.Table:
        """Return a row for each good customer."""
        rows = len(customers.ids)
        scores = self._scorer.score(customers.features)
        churns = self._scorer.churns(customers.features, scores, self._threshold)
        chance = scores.probability
        columns = {
            "customer_id": customers.ids,
            "prediction": pa.DictionaryArray.from_arrays(
                pa.array(churns.view(np.int8)), _PREDICTIONS
            ),
            "confidence": pa.array(np.where(churns, chance, 1.0 - chance)),
            "churn_probability": pa.array(chance),
            "model_version": _constant(self._version, rows),
            "range_low": _range(scores.range_low),
            "range_high": _range(scores.range_high),
            "policy": _constant(self._policy, rows),
        }
        reasons = self._reasons.of(customers.features, self._most)
        columns |= {f"reason_{n + 1}": column for n, column in enumerate(reasons)}
        names, arrays = [*columns, *customers.kept], [*columns.values(), *customers.kept.values()]
        return pa.Table.from_arrays(arrays, names=names)


def _constant(text: str, rows: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int8)), pa.array([text]))


def _range(ends: NDArray[np.float64]) -> pa.Array:
    return pa.array(ends, from_pandas=True)
