"""The model that is served: an intercept and one table of points per term, as JSON.

A scorecard is a generalised additive model written down: for each term (a feature, or a pair of
features) the bins and the points of each bin in log-odds. The score of a customer is the intercept
plus one number per term. Terms are centred on the training data, so that a number reads "compared
with the average customer" and a feature that is not known contributes 0, its expectation, unless
training saw it missing and learned points for that.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import exp
from pathlib import Path
from sys import float_info
from typing import Any

FORMAT = 1
MOST_POINTS = 100
"""Log-odds beyond which no points can be meant: odds of one to 10 to the power of 43."""

POLICIES = ("default", "high_precision", "high_recall")
"""Each has a threshold in the scorecard of a release."""

TOLERANCE = 1e-12
"""Log-odds by which a stored score may differ from its computation."""

Get = Callable[[str], Any]
"""From a feature's name to a customer's value, or None where it is missing."""


class ScorecardError(ValueError):
    """A file that is not a sound scorecard; the message names the term and the key."""


@dataclass(frozen=True)
class Bins:
    """How the values of one feature fall into bins.

    Either `edges`, ascending: bin i holds edges[i-1] <= value < edges[i]; or `values`, one bin
    each. One more bin, the last, is for a value that is missing.
    """

    edges: tuple[float, ...] = ()
    values: tuple[Any, ...] = ()

    @property
    def size(self) -> int:
        """The number of bins, the one for missing included."""
        return len(self.values) + 1 if self.values else len(self.edges) + 2

    def indexer(self) -> Callable[[Any], int]:
        """A function from a value (already held against the contract) to its bin."""
        if self.values:
            table: dict[Any, int] = {value: i for i, value in enumerate(self.values)}
            table[None] = len(self.values)
            return table.__getitem__
        edges, missing = self.edges, len(self.edges) + 1
        return lambda value: missing if value is None else bisect_right(edges, value)


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
    points: Any

    @cached_property
    def effect(self) -> Callable[[Get], float]:
        """A function from a customer's `get` to the term's points, with its table bound in."""
        points = self.points
        if len(self.features) > 1:
            (first, second), (one, other) = self.features, (b.indexer() for b in self.bins)
            return lambda get: points[one(get(first))][other(get(second))]
        (name,), (bins,) = self.features, self.bins
        if bins.values:
            table = dict(zip((*bins.values, None), points, strict=True))
            return lambda get: table[get(name)]
        edges, missing = bins.edges, points[-1]

        def numeric(get: Get) -> float:
            value = get(name)
            return missing if value is None else points[bisect_right(edges, value)]

        return numeric


@dataclass(frozen=True, eq=False, kw_only=True)
class Scorecard:
    """A scorecard ready to score.

    Attributes:
        version: the release's.
        intercept: log-odds of the average customer.
        terms: the addends.
        policies: threshold of the probability by policy.
        contract_digest: SHA-256 of the feature file that it was trained with.
        selftest: stored customers, each `{"features": {...}, "log_odds": ...}`.
    """

    version: str
    intercept: float
    terms: tuple[Term, ...]
    policies: dict[str, float]
    contract_digest: str
    selftest: list[dict[str, Any]]

    @cached_property
    def _effects(self) -> list[Callable[[Get], float]]:
        return [term.effect for term in self.terms]

    def effects(self, features: Mapping[str, Any]) -> list[float]:
        """Each term's contribution in log-odds, in the order of `terms`.

        Args:
            features: values by name, already held against the contract; a feature that is absent
                or None is missing.
        """
        get = features.get
        return [effect(get) for effect in self._effects]

    def log_odds(self, features: Mapping[str, Any]) -> float:
        """The intercept plus the effects."""
        return self.intercept + sum(self.effects(features))

    def verify(self) -> list[str]:
        """Score the stored customers; say which no longer give their stored score."""
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


def load_scorecard(path: Path) -> Scorecard:
    """Read and check a scorecard.

    Raises:
        ScorecardError: naming the term and key at fault.
        OSError: the file cannot be read.
    """
    try:
        return from_dict(json.loads(path.read_bytes()))
    except (ValueError, RecursionError) as error:
        raise ScorecardError(f"{path.name}: {error}") from None


def from_dict(data: Any) -> Scorecard:
    """Make a scorecard of a parsed file.

    Raises:
        ScorecardError: naming the term and key at fault.
    """
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise ScorecardError(f"format: not a scorecard of format {FORMAT}")
    kinds = {"version": str, "contract": str, "policies": dict, "terms": list, "selftest": list}
    for key, kind in kinds.items():
        if not isinstance(data.get(key), kind) or not data[key]:
            raise ScorecardError(f"{key}: missing, empty or of the wrong type")
    if not _shaped(data.get("intercept"), []):
        raise ScorecardError(f"intercept: give a number from {-MOST_POINTS} to {MOST_POINTS}")
    for name in sorted({"default", *data["policies"]}):
        threshold = data["policies"].get(name)
        if not finite(threshold) or not 0 < threshold < 1:
            raise ScorecardError(f"policies: {name}: give a threshold between 0 and 1")
    scorecard = Scorecard(
        version=data["version"],
        intercept=data["intercept"],
        terms=tuple(_term(number, entry) for number, entry in enumerate(data["terms"])),
        policies=data["policies"],
        contract_digest=data["contract"],
        selftest=data["selftest"],
    )
    for number, stored in enumerate(scorecard.selftest):
        try:
            scorecard.effects(stored["features"])
            sound = finite(stored["log_odds"])
        except (KeyError, TypeError, AttributeError):
            sound = False
        if not sound:
            raise ScorecardError(f"selftest: customer {number}: give features and log_odds")
    return scorecard


def _term(number: int, entry: Any) -> Term:
    try:
        features, points = tuple(entry["features"]), entry["points"]
        bins = tuple(
            Bins(tuple(b.get("edges", ())), tuple(b.get("values", ()))) for b in entry["bins"]
        )
        name = " x ".join(features)
    except (KeyError, TypeError, AttributeError) as error:
        raise ScorecardError(f"terms: {number}: a key is missing or wrong: {error}") from None
    if len(features) not in (1, 2) or len(bins) != len(features):
        raise ScorecardError(f"terms: {name}: give one or two features, and the bins of each")
    if not all(map(_sound, bins)):
        raise ScorecardError(f"terms: {name}: bins: give finite ascending edges or distinct values")
    if not _shaped(points, [b.size for b in bins]):
        sizes = " x ".join(str(b.size) for b in bins)
        limits = f"from {-MOST_POINTS} to {MOST_POINTS}"
        raise ScorecardError(f"terms: {name}: points: give {sizes} numbers {limits}")
    return Term(features, bins, points)


def _sound(bins: Bins) -> bool:
    if bins.values:
        texts = all(type(value) in (str, bool) for value in bins.values)
        return texts and not bins.edges and len(set(bins.values)) == len(bins.values)
    return all(map(finite, bins.edges)) and all(a < b for a, b in pairwise(bins.edges))


def _shaped(points: Any, sizes: list[int]) -> bool:
    if not sizes:
        return finite(points) and abs(points) <= MOST_POINTS
    if not isinstance(points, list) or len(points) != sizes[0]:
        return False
    return all(_shaped(below, sizes[1:]) for below in points)


def finite(value: Any) -> bool:
    """Whether a value is a number, and neither NaN nor beyond a double."""
    return type(value) in (int, float) and abs(value) <= float_info.max
