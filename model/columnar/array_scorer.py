"""Scores many customers at once; the twin of `Scorecard.log_odds` and `Scorecard.infer`."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.columnar.array_inference import ArrayInference, Numbers
from model.columnar.bin_finder import Places
from model.columnar.binned_columns import TermBins
from model.columnar.coded_columns import CodedColumns, listed_values
from model.features import Contract, Feature, Value
from model.ranked_points import flat
from model.scorecard import Scorecard, Term
from model.scorecard import probability as plain_probability

BLOCK = 1 << 15
"""Customers whose numbers stay in the processor's cache."""

NEAR = 1e-9
"""Distance from a threshold below which the plain scorer decides."""


class ArrayScores(NamedTuple):
    """Scores of customers, one array each.

    Attributes:
        log_odds: of the probability.
        probability: of churn.
        range_low: a probability; NaN where the release says nothing about what is unknown.
        range_high: likewise.
    """

    log_odds: Numbers
    probability: Numbers
    range_low: Numbers
    range_high: Numbers


class ArrayScorer:
    """Scores customers with one scorecard.

    Args:
        scorecard: of a release.
        contract: its features.
    """

    def __init__(self, scorecard: Scorecard, contract: Contract) -> None:
        self.scorecard = scorecard
        self._contract = contract
        self._bins = TermBins(scorecard.terms, contract)
        self._points = [np.array([*flat(term.points)]) for term in scorecard.terms]
        factors = scorecard.factors
        self._inference = ArrayInference(factors) if factors else None
        self._own = {t.features[0]: n for n, t in enumerate(scorecard.terms) if not t.features[1:]}
        evidence = {f.name: f.evidence for f in factors.features} if factors else {}
        # An unknown bin spoils the sum, which shows the customers that need a closer look.
        self._spoiled = [_spoiled(term, evidence) for term in scorecard.terms]

    def score(self, features: CodedColumns) -> ArrayScores:
        """Score customers."""
        rows = len(next(iter(features.values())))
        scores = ArrayScores(*np.empty((4, rows)))
        for start in range(0, rows, BLOCK):
            part = slice(start, start + BLOCK)
            self._score({n: c[part] for n, c in features.items()}, [a[part] for a in scores])
        return scores

    def churns(
        self, features: CodedColumns, scores: ArrayScores, threshold: float
    ) -> NDArray[np.bool_]:
        """Decide as the plain scorer does, to the last bit; it sets what is near the threshold."""
        chance = scores.probability
        for row in np.flatnonzero(np.abs(chance - threshold) <= NEAR):
            log_odds = self.scorecard.log_odds(customer(features, self._contract, int(row)))
            chance[row] = plain_probability(log_odds)
        return chance >= threshold

    def _score(self, features: CodedColumns, out: list[Numbers]) -> None:
        log_odds, chance, low, high = out
        bins = self._bins.of(features)
        self._add(self._spoiled, bins, log_odds)
        unknown: Places = np.flatnonzero(np.isnan(log_odds))
        if self._inference and len(unknown):
            few = [place.take(unknown) for place in bins]
            known = np.empty(len(unknown))
            self._add(self._points, few, known)
            own = {name: few[number] for name, number in self._own.items()}
            inferred = self._inference.infer(own, known)
            log_odds[unknown] = inferred.log_odds
            probability(log_odds, chance)
            low[:] = high[:] = chance
            low[unknown] = probability(inferred.low, inferred.low)
            high[unknown] = probability(inferred.high, inferred.high)
            return
        probability(log_odds, chance)
        low[:] = chance
        if not self._inference:
            for feature in self._contract.features:
                low[_missing(feature, features[feature.name])] = np.nan
        high[:] = low

    def _add(self, tables: list[Numbers], bins: list[Places], out: Numbers) -> None:
        """Add up points in the order of the terms, as the plain scorer does."""
        out[:] = 0.0
        for points, place in zip(tables, bins, strict=True):
            out += points.take(place)
        out += self.scorecard.intercept


def probability(log_odds: Numbers, out: Numbers) -> Numbers:
    """Write the logistic function of each number, without overflow; may overwrite its argument."""
    below = log_odds < 0
    odds = np.exp(-np.abs(log_odds))
    np.divide(1.0, 1.0 + odds, out=out)
    np.divide(odds, 1.0 + odds, out=out, where=below)
    return out


def customer(features: CodedColumns, contract: Contract, row: int) -> dict[str, Value]:
    """Return the values of one customer, every feature given or None."""
    return {f.name: value(f, features[f.name][row]) for f in contract.features}


def value(feature: Feature, coded: Any) -> Value:
    """Return what a place or a number of a coded column stands for."""
    if values := listed_values(feature):
        return (*values, None)[int(coded)]
    if np.isnan(coded):
        return None
    return feature.canonical(float(coded))


def _missing(feature: Feature, column: NDArray[Any]) -> NDArray[np.bool_]:
    values = listed_values(feature)
    missing: NDArray[np.bool_] = column == len(values) if values else np.isnan(column)
    return missing


def _spoiled(term: Term, evidence: dict[str, Any]) -> Numbers:
    """Return the points of a term; NaN where its own feature is unknown."""
    points = np.array([*flat(term.points)])
    if len(term.features) == 1 and term.features[0] in evidence:
        unknown = [found is None for found in evidence[term.features[0]]]
        points[np.array(unknown)] = np.nan
    return points
