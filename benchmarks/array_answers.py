"""Whole answers of a batch, made with arrays. The service doesn't: the bench shows why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import orjson

from app.http.json_encoding import dumps
from app.predictions.reasons import reason_of_bin, reason_of_term
from model.columnar.array_scorer import ArrayScorer
from model.columnar.coded_columns import CodedColumns
from model.columnar.strongest_terms import StrongestTerms
from model.features import Contract, Value
from model.ranked_points import flat
from model.scorecard import Scorecard, Term
from tools.coded_customers import coded

Customers = Sequence[Mapping[str, Value]]


class ArrayAnswers:
    """Answers for customers whose features are all known, by releases without pairs.

    Args:
        scorecard: of a release.
        contract: its features.
    """

    def __init__(self, scorecard: Scorecard, contract: Contract) -> None:
        self._contract = contract
        self._scorer = ArrayScorer(scorecard, contract)
        terms = [term for term in scorecard.terms if any(flat(term.points))]
        self._strongest = StrongestTerms(terms, contract)
        ranked = self._strongest.ranked
        self._points = np.array([*ranked.points[: ranked.above_zero], 0.0])
        self._most = len(terms)
        reasons = [reason_of_term(term, contract) for term in terms]
        written = [_Written(term, reason) for term, reason in zip(terms, reasons, strict=True)]
        cells = ranked.cells[: ranked.above_zero]
        shared = [reason_of_bin(terms[c.term], c.bin, reasons[c.term]) for c in cells]
        self._ready = [orjson.Fragment(dumps(reason)) if reason else None for reason in shared]
        self._written = [written[cell.term] for cell in cells]

    def answers(self, customers: Customers, policy: dict[str, Any], most: int) -> bytes:
        """Return the predictions as a JSON array."""
        features: CodedColumns = coded(self._contract, customers)
        scores = self._scorer.score(features)
        churns = self._scorer.churns(features, scores, policy["threshold"])
        chance = scores.probability
        places = self._strongest.of(features, self._most)
        others = self._points.take(np.array(places[most:])).sum(axis=0).tolist()
        best = np.array(places[:most]).T.tolist()
        sure = np.where(churns, chance, 1.0 - chance).tolist()
        rows = zip(customers, chance.tolist(), sure, churns.tolist(), best, others, strict=True)
        ready, written, none = self._ready, self._written, self._strongest.none
        shared = {
            "model_version": self._scorer.scorecard.version,
            "policy": orjson.Fragment(dumps(policy)),
            "baseline": self._scorer.scorecard.intercept,
        }
        return orjson.dumps(
            [
                {
                    "prediction": "churn" if churn else "no_churn",
                    "confidence": confidence,
                    "churn_probability": probability,
                    **shared,
                    "reasons": [
                        ready[place] or written[place].of(one) for place in best if place < none
                    ],
                    "other_effects": other,
                    "missing_features": [],
                    "unknown": {
                        "features": [],
                        "effect": 0.0,
                        "range": [probability, probability],
                        "coverage": 0.9,
                        "ask_next": None,
                    },
                }
                for one, probability, confidence, churn, best, other in rows
            ]
        )


class _Written(dict[Value, orjson.Fragment]):
    """The reasons of a term as JSON, by value."""

    def __init__(self, term: Term, reason: Any) -> None:
        super().__init__()
        self._name, self._reason = term.features[0], reason

    def of(self, customer: Mapping[str, Value]) -> orjson.Fragment:
        return self[customer[self._name]]

    def __missing__(self, value: Value) -> orjson.Fragment:
        found = self[value] = orjson.Fragment(dumps(self._reason({self._name: value})))
        return found
