"""Scores many customers at once; the twin of `Scorecard.log_odds` and `Scorecard.infer`."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.columnar.array_inference import ArrayInference, Numbers
from model.columnar.bin_finder import Places
from model.columnar.coded_columns import CodedColumns, listed_values
from model.columnar.joint_bins import JointBins
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
        self._joint = JointBins(scorecard.terms, contract)
        self._cells = self._joint.cells()
        self._points = [np.array([*flat(term.points)]) for term in scorecard.terms]
        factors = scorecard.factors
        self._inference = ArrayInference(factors) if factors else None
        # Factors have the features in the order of their own terms.
        self._own = [n for n, term in enumerate(scorecard.terms) if not term.features[1:]]
        evidence = {f.name: f.evidence for f in factors.features} if factors else {}
        # An unknown bin makes the sum NaN, which shows the customers that need a closer look.
        spoilt = [_spoilt(term, evidence) for term in scorecard.terms]
        self._spoilt = [
            np.sum([spoilt[number][cell] for number, cell in table], axis=0)
            for table in self._cells
        ]

    def score(self, features: CodedColumns) -> ArrayScores:
        """Score customers."""
        rows = len(next(iter(features.values())))
        scores = ArrayScores(*np.empty((4, rows)))
        for start in range(0, rows, BLOCK):
            part = slice(start, start + BLOCK)
            self._score({n: c[part] for n, c in features.items()}, *[a[part] for a in scores])
        unknown: Places = np.flatnonzero(np.isnan(scores.log_odds))
        for start in range(0, len(unknown), BLOCK):
            self._complete(features, scores, unknown[start : start + BLOCK])
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

    def _score(
        self,
        features: CodedColumns,
        log_odds: Numbers,
        chance: Numbers,
        low: Numbers,
        high: Numbers,
    ) -> None:
        """Score customers as if nothing were unknown, or leave NaN."""
        self._add(self._spoilt, self._joint.of(features), log_odds)
        low[:] = probability(log_odds, chance)
        if not self._inference:
            for feature in self._contract.features:
                low[_missing(feature, features[feature.name])] = np.nan
        high[:] = low

    def _complete(self, features: CodedColumns, scores: ArrayScores, rows: Places) -> None:
        """Score the customers of `rows`, who all lack a feature."""
        assert self._inference  # noqa: S101 - without it no points are spoiled
        places = self._joint.of({name: column.take(rows) for name, column in features.items()})
        by_term = {
            number: cell.take(place)
            for place, table in zip(places, self._cells, strict=True)
            for number, cell in table
        }
        bins = [by_term[number] for number in range(len(by_term))]
        known = np.empty(len(rows))
        self._add(self._points, bins, known)
        evidence = self._inference.evidence([bins[number] for number in self._own])
        inferred = self._inference.infer(evidence, known)
        scores.log_odds[rows] = inferred.log_odds
        ends = (inferred.log_odds, inferred.low, inferred.high)
        for column, found in zip(scores[1:], ends, strict=True):
            column[rows] = probability(found, found)

    def _add(self, tables: list[Numbers], bins: list[Places], out: Numbers) -> None:
        """Add up points, and the intercept, as the plain scorer does."""
        out[:] = 0.0
        for points, place in zip(tables, bins, strict=True):
            out += points.take(place)
        out += self.scorecard.intercept


def probability(log_odds: Numbers, out: Numbers) -> Numbers:
    """Write the logistic function of each number; `out` may be the same array."""
    np.negative(log_odds, out=out)
    with np.errstate(over="ignore"):  # an infinite number makes the probability 0
        np.exp(out, out=out)
    out += 1.0
    return np.divide(1.0, out, out=out)


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


def _spoilt(term: Term, evidence: dict[str, Any]) -> Numbers:
    """Return the points of a term; NaN where its own feature is unknown."""
    points = np.array([*flat(term.points)])
    if len(term.features) == 1 and term.features[0] in evidence:
        unknown = [found is None for found in evidence[term.features[0]]]
        points[np.array(unknown)] = np.nan
    return points
