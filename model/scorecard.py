"""The model that is served: an intercept and one table of points per term, as JSON.

A scorecard is a generalised additive model written down: for each term (a feature, or a pair of
features) the bins and the points of each bin in log-odds. The score of a customer is the intercept
plus one number for each term. Terms are centred on the training data: a number compares with the
average customer. An unknown feature has no points; what it is expected to add follows from the
known ones, by the factor model. A missing value has points of its own where training saw it often.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import exp
from typing import Any, cast

from model.bins import Bins
from model.factor_model import FactorModel, Get, Inference

POLICIES_OF_ALL = ("default", "high_precision", "high_recall")
"""Each has a threshold in the scorecard of every release."""

VALUE = "value"
"""The policy that brings most; only releases with economics have it."""

POLICIES = (*POLICIES_OF_ALL, VALUE)

TOLERANCE = 1e-12
"""Log-odds by which a computed score may differ from the stored one."""


class ScorecardError(ValueError):
    """The file is not a sound scorecard; the message names term and key."""


@dataclass(frozen=True)
class Term:
    """One addend of the score.

    Attributes:
        features: one or two names.
        bins: of each feature.
        points: log-odds; a list over the feature's bins, or for a pair a list (first feature) of
            lists (second feature).
    """

    features: tuple[str, ...]
    bins: tuple[Bins, ...]
    points: list[Any]

    @cached_property
    def effect(self) -> Callable[[Get], float]:
        """A function from a customer's `get` to the term's points."""
        points = self.points
        if len(self.features) > 1:
            return self._pair()
        (name,), (bins,) = self.features, self.bins
        if bins.values:
            table = dict(zip((*bins.values, None), points, strict=True))
            return lambda get: table[get(name)]
        edges, row = bins.edges, cast(list[float], points)

        def numeric(get: Get) -> float:
            value = get(name)
            return row[-1 if value is None else bisect_right(edges, value)]

        return numeric

    def _pair(self) -> Callable[[Get], float]:
        points, (first, second) = self.points, self.features
        one, other = (bins.indexer() for bins in self.bins)
        # Without a look at None first, a number is sorted in half the time.
        quick_one, quick_other = (bins.known_indexer() for bins in self.bins)

        def pair(get: Get) -> float:
            try:
                return points[quick_one(get(first))][quick_other(get(second))]  # type: ignore[no-any-return]
            except TypeError:
                return points[one(get(first))][other(get(second))]  # type: ignore[no-any-return]

        return pair


@dataclass(frozen=True, eq=False, kw_only=True)
class Scorecard:
    """A scorecard ready to score.

    Attributes:
        version: the release's.
        intercept: log-odds of the average customer.
        terms: the addends.
        policies: threshold of the probability, by policy.
        contract_digest: of the feature contract that it was trained on.
        selftest: stored customers, each `{"features": {...}, "log_odds": ...}`.
        factors: what known features say about unknown ones; None in files of format 1, where an
            unknown feature adds its points for missing.
    """

    version: str
    intercept: float
    terms: tuple[Term, ...]
    policies: dict[str, float]
    contract_digest: str
    selftest: list[dict[str, Any]]
    factors: FactorModel | None

    @cached_property
    def _effects(self) -> list[Callable[[Get], float]]:
        return [term.effect for term in self.terms]

    def effects(self, features: Mapping[str, Any]) -> list[float]:
        """Return each term's contribution in log-odds, in the order of `terms`.

        Args:
            features: values by name, already checked against the contract; a feature that is absent
                or None is unknown.
        """
        get = features.get
        return [effect(get) for effect in self._effects]

    def log_odds(self, features: Mapping[str, Any]) -> float:
        """Return the logit of the probability, given what is known."""
        known = self.intercept + sum(self.effects(features))
        inferred = self.infer(features.get, known)
        return inferred.log_odds if inferred else known

    def infer(self, get: Get, known: float) -> Inference | None:
        """Complete a score; None if nothing is unknown, or the file says nothing about it.

        Args:
            get: the customer's values.
            known: the intercept plus the effects.
        """
        factors = self.factors
        return None if factors is None or factors.complete(get) else factors.infer(get, known)

    def verify(self) -> list[str]:
        """Score the stored customers; name those that don't get their stored score."""
        faults = []
        for number, stored in enumerate(self.selftest):
            found = self.log_odds(stored["features"])
            if not abs(found - stored["log_odds"]) <= TOLERANCE:
                faults.append(f"stored customer {number}: {found!r}, not {stored['log_odds']!r}")
        return faults


def probability(log_odds: float) -> float:
    """The logistic function, without overflow."""
    if log_odds >= 0:
        return 1.0 / (1.0 + exp(-log_odds))
    odds = exp(log_odds)
    return odds / (1.0 + odds)
