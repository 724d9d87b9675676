"""What the known features of many customers say about the unknown ones.

The same sums as in `model.factor_model`, in the same order: the same results, to the last bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.columnar.bin_finder import Places
from model.factor_model import HALF_RANGE, FactorModel, FeatureFactors

Numbers = NDArray[np.float64]


class Evidence(NamedTuple):
    """What customers' bins say about the factors, and what is unknown of them.

    Attributes:
        sums: evidence (2), precision (3), loadings of the unknown terms (2), variance of the rest.
        unknown: whether each feature is; a row for each.
    """

    sums: Numbers
    unknown: NDArray[np.bool_]


class Inferred(NamedTuple):
    """What is expected of customers, in log-odds; the ends equal it where nothing is uncertain."""

    log_odds: Numbers
    low: Numbers
    high: Numbers


class ArrayInference:
    """Completes the scores of customers.

    Args:
        factors: of the scorecard.
    """

    def __init__(self, factors: FactorModel) -> None:
        self._shift, self._spread = factors.shift, factors.spread
        self._tables = [_table(feature) for feature in factors.features]
        number = {feature.name: at for at, feature in enumerate(factors.features)}
        self._pairs = [(number[one], number[other], more) for one, other, more in factors.pairs]
        # One column each: precision, loadings and variance of all features.
        rows = [(*f.precision, *f.loadings, f.variance) for f in factors.features]
        self._features = np.array(rows).T[:, :, np.newaxis]

    def evidence(self, bins: Sequence[Places]) -> Evidence:
        """Add up what the bins say, which are those of each feature's own term."""
        rows = len(bins[0])
        sums = np.zeros((8, rows))
        sums[[2, 4]] = 1.0
        unknown = np.empty((len(bins), rows), bool)
        for lacks, table, place in zip(unknown, self._tables, bins, strict=True):
            found = table.take(place, axis=1)
            sums += found[:-1]
            lacks[:] = found[-1]
        for one, other, variance in self._pairs:
            sums[-1] += variance * (unknown[one] | unknown[other])
        return Evidence(sums, unknown)

    def infer(self, evidence: Evidence, known: Numbers) -> Inferred:
        """Complete the scores of customers.

        Args:
            evidence: of them.
            known: the intercept plus the effects of the terms whose features are all known.
        """
        h1, h2, m11, m12, m22, e1, e2, rest = evidence.sums
        determinant = m11 * m22 - m12 * m12
        q1, q2 = (m22 * e1 - m12 * e2) / determinant, (m11 * e2 - m12 * e1) / determinant
        variance = np.maximum(e1 * q1 + e2 * q2 + rest, 0.0)
        mean = known + h1 * q1 + h2 * q2
        half = HALF_RANGE * np.sqrt(variance)
        log_odds = (mean + self._shift * variance) / np.sqrt(1.0 + self._spread * variance)
        low, high = mean - half, mean + half
        return Inferred(np.minimum(np.maximum(log_odds, low), high), low, high)

    def ask_next(self, evidence: Evidence) -> Places:
        """Return the number of the feature that would leave the least variance."""
        _, _, m11, m12, m22, e1, e2, _ = evidence.sums
        p11, p12, p22, l1, l2, variance = self._features
        gains = np.repeat(variance, len(m11), axis=1)
        for one, other, more in self._pairs:
            for lacking, known in ((one, other), (other, one)):
                gains[lacking] += more * (evidence.unknown[lacking] & ~evidence.unknown[known])
        n11, n12, n22 = m11 + p11, m12 + p12, m22 + p22
        a, b = e1 - l1, e2 - l2
        square = n22 * a * a - 2.0 * n12 * a * b + n11 * b * b
        left = square / (n11 * n22 - n12 * n12) - gains
        left[~evidence.unknown] = np.inf
        features: Places = left.argmin(axis=0)
        return features


def _table(feature: FeatureFactors) -> Numbers:
    """Return what each bin of a feature adds to the sums, and whether it says nothing."""
    known = (*feature.precision, 0.0, 0.0, 0.0, 0.0)
    unknown = (0.0, 0.0, 0.0, 0.0, 0.0, *feature.loadings, feature.variance, 1.0)
    return np.array([(*v, *known) if v is not None else unknown for v in feature.evidence]).T.copy()
