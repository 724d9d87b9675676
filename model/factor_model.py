"""What the known features of a customer say about the unknown ones.

Two hidden factors, normally distributed, stand behind all features. The term of an unknown feature is
its loadings times the factors, plus an independent rest. A known feature is evidence about the
factors: a vector that its bin gives, and the precision of that evidence. Precisions and evidence add
up over the known features, so that the factors' mean and covariance given any set of them is the
solution of two equations (Bishop, Pattern Recognition and Machine Learning, 2.3.3). From these follow
mean and variance of the unknown terms' sum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
        evidence: of each bin; None where training saw too few customers to learn from. A customer in
            such a bin counts as one whose value is unknown.
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
        at = self.bins.indexer()
        return lambda value: evidence[at(value)]

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
        return [
            (f.name, f.look_up(), *f.precision, (f.name, *f.precision, *f.loadings, f.variance))
            for f in self.features
        ]

    @cached_property
    def _doubtful(self) -> list[tuple[str, frozenset[Any]]]:
        return [(f.name, values) for f in self.features if (values := f.unknown_values())]

    def complete(self, get: Get) -> bool:
        """Whether every feature is known."""
        for name, values in self._doubtful:
            if get(name) in values:
                return False
        return True

    def infer(self, get: Get, known: float) -> Inference:
        """Complete the score of a customer of whom something is unknown.

        Args:
            get: the customer's values.
            known: the intercept plus the effects of the terms whose features are all known.
        """
        one = other = one_two = first = second = 0.0
        unknown = []
        for name, evidence_of, p11, p12, p22, row in self._rows:
            evidence = evidence_of(get(name))
            if evidence is None:
                unknown.append(row)
            else:
                first += evidence[0]
                second += evidence[1]
                one += p11
                one_two += p12
                other += p22
        one += 1.0
        other += 1.0
        a = b = rest = 0.0
        for _, _, _, _, x, y, variance in unknown:
            a += x
            b += y
            rest += variance
        gains = dict.fromkeys([row[0] for row in unknown], 0.0)
        for left, right, variance in self.pairs:
            if left in gains or right in gains:
                rest += variance
                if right not in gains:
                    gains[left] += variance
                elif left not in gains:
                    gains[right] += variance
        determinant = one * other - one_two * one_two
        u = (other * a - one_two * b) / determinant
        v = (one * b - one_two * a) / determinant
        mean = known + first * u + second * v
        variance = a * u + b * v + rest
        half = HALF_RANGE * sqrt(variance)
        log_odds = (mean + self.shift * variance) / sqrt(1.0 + self.spread * variance)
        low, high = mean - half, mean + half
        _, ask_next = min(_left(unknown, gains, (one, one_two, other), (a, b), rest))
        return Inference(
            list(gains), min(max(log_odds, low), high), low, high, unknown[ask_next][0]
        )


def _left(
    unknown: list[tuple[Any, ...]],
    gains: dict[str, float],
    precision: tuple[float, float, float],
    loadings: Vector,
    rest: float,
) -> Iterator[tuple[float, int]]:
    """Yield the variance that is left when a feature becomes known, with its position."""
    one, one_two, other = precision
    a, b = loadings
    for position, (name, p11, p12, p22, x, y, variance) in enumerate(unknown):
        p, q, r = one + p11, one_two + p12, other + p22
        x, y = a - x, b - y
        left = (r * x * x - 2.0 * q * x * y + p * y * y) / (p * r - q * q)
        yield left + rest - variance - gains[name], position
