"""What the known features of a customer say about the unknown ones.

Two hidden factors, normally distributed, stand behind all features. The term of an unknown feature
is its loadings times the factors, plus an independent rest. A known feature is evidence about the
factors: a vector that its bin gives, and the precision of that evidence. Both add up over the known
features; so the factors' mean and covariance, given any set of them, solve two equations (Bishop,
Pattern Recognition and Machine Learning, 2.3.3). From these follow mean and variance of the unknown
terms' sum.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from typing import Any, NamedTuple, TypeAlias

from model.bins import Bins

COVERAGE = 0.9
"""Share of customers whose complete score lies within the range."""

HALF_RANGE = 1.6448536269514722
"""Standard deviations on each side of the mean that hold 90% of a normal distribution."""

Vector: TypeAlias = tuple[float, float]
Get = Callable[[str], Any]
"""From a feature's name to a customer's value, or None if it is missing."""


@dataclass(frozen=True)
class FeatureFactors:
    """How one feature and the factors go together.

    Attributes:
        name: of the feature.
        bins: of its single term.
        evidence: of each bin; None where training saw too few customers to learn from. A customer
            in such a bin counts as one whose value is unknown.
        precision: of the evidence: the entries 11, 12 and 22 of a symmetric matrix.
        loadings: of the single term, in log-odds.
        variance: of the single term's rest.
    """

    name: str
    bins: Bins
    evidence: tuple[Vector | None, ...]
    precision: tuple[float, float, float]
    loadings: Vector
    variance: float

    def look_up(self) -> Callable[[Any], Vector | None]:
        """Return a function from a value to its evidence."""
        evidence = self.evidence
        if self.bins.values:
            return dict(zip((*self.bins.values, None), evidence, strict=True)).__getitem__
        edges = self.bins.edges
        return lambda value: evidence[-1 if value is None else bisect_right(edges, value)]

    def unknown_values(self) -> frozenset[Any]:
        """Return the values, None among them, that count as unknown."""
        values = (*self.bins.values, None) if self.bins.values else (None,)
        evidence = self.evidence[-len(values) :]
        return frozenset(v for v, found in zip(values, evidence, strict=True) if found is None)


class Inference(NamedTuple):
    """What is expected of a customer; numbers in log-odds.

    Attributes:
        features: those that are unknown.
        log_odds: of the probability, given what is known.
        low: lower end of the range.
        high: upper end of the range; both ends equal `log_odds` where nothing is uncertain.
        ask_next: the unknown feature that would leave the least variance.
    """

    features: list[str]
    log_odds: float
    low: float
    high: float
    ask_next: str


@dataclass(frozen=True)
class FactorModel:
    """The factors of all features of a scorecard.

    Attributes:
        features: in the contract's order.
        pairs: for each term of two features their names, and the term's variance.
        shift: log-odds that each unit of variance adds; the rest is skewed.
        spread: by how much each unit of variance flattens the log-odds. Where the rest is normal,
            pi / 8 is about right (MacKay 1992, The evidence framework applied to classification).
    """

    features: tuple[FeatureFactors, ...]
    pairs: tuple[tuple[str, str, float], ...]
    shift: float
    spread: float

    @cached_property
    def _rows(self) -> list[tuple[Any, ...]]:
        return [(f.name, f.look_up(), *f.precision, *f.loadings, f.variance) for f in self.features]

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(feature.name for feature in self.features)

    @cached_property
    def rare(self) -> bool:
        """Whether a value other than a missing one counts as unknown."""
        return any(feature.unknown_values() - {None} for feature in self.features)

    def complete(self, get: Get) -> bool:
        """Whether every feature is plainly known; `infer` looks closer, and takes longer."""
        return not self.rare and None not in map(get, self._names)

    def infer(self, get: Get, known: float) -> Inference | None:
        """Complete the score of a customer; None if every feature is known.

        Args:
            get: the customer's values.
            known: the intercept plus the effects of the terms whose features are all known.
        """
        # M is the precision of the factors, h the evidence, e the loadings of the unknown terms.
        m11 = m22 = 1.0
        m12 = h1 = h2 = e1 = e2 = rest = 0.0
        unknown = []
        for name, evidence_of, p11, p12, p22, l1, l2, variance in self._rows:
            evidence = evidence_of(get(name))
            if evidence:
                h1 += evidence[0]
                h2 += evidence[1]
                m11 += p11
                m12 += p12
                m22 += p22
            else:
                unknown.append((name, p11, p12, p22, l1, l2, variance))
                e1 += l1
                e2 += l2
                rest += variance
        if not unknown:
            return None
        if self.pairs:
            rest, unknown = self._with_pairs(rest, unknown)
        determinant = m11 * m22 - m12 * m12
        q1, q2 = (m22 * e1 - m12 * e2) / determinant, (m11 * e2 - m12 * e1) / determinant
        variance = max(e1 * q1 + e2 * q2 + rest, 0.0)  # rounding may leave less than nothing
        mean = known + h1 * q1 + h2 * q2
        half = HALF_RANGE * sqrt(variance)
        log_odds = (mean + self.shift * variance) / sqrt(1.0 + self.spread * variance)
        # What is left when a feature becomes known: the same with its precision and loadings.
        left = []
        for _, p11, p12, p22, l1, l2, gain in unknown:
            n11, n12, n22 = m11 + p11, m12 + p12, m22 + p22
            a, b = e1 - l1, e2 - l2
            square = n22 * a * a - 2.0 * n12 * a * b + n11 * b * b
            left.append(square / (n11 * n22 - n12 * n12) - gain)
        low, high = mean - half, mean + half
        names = [row[0] for row in unknown]
        ask_next = names[left.index(min(left))]
        return Inference(names, min(max(log_odds, low), high), low, high, ask_next)

    def _with_pairs(
        self, rest: float, unknown: list[tuple[Any, ...]]
    ) -> tuple[float, list[tuple[Any, ...]]]:
        """Add the variances of pairs: to the rest, and to what their last unknown feature shows."""
        gains = {row[0]: row[-1] for row in unknown}
        for one, other, variance in self.pairs:
            if one in gains or other in gains:
                rest += variance
                if one not in gains or other not in gains:
                    gains[one if one in gains else other] += variance
        return rest, [(*row[:-1], gains[row[0]]) for row in unknown]
