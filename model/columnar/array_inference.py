"""What the known features of many customers say about the unknown ones.

The same sums as in `model.factor_model`, in the same order, a customer a place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.columnar.bin_finder import Places
from model.factor_model import HALF_RANGE, FactorModel

Numbers = NDArray[np.float64]


class Inferred(NamedTuple):
    """What is expected of customers, in log-odds; both ends equal it where all is certain."""

    log_odds: Numbers
    low: Numbers
    high: Numbers


class ArrayInference:
    """Completes the scores of customers.

    Args:
        factors: of the scorecard.
    """

    def __init__(self, factors: FactorModel) -> None:
        self._factors = factors
        self._tables = {}
        for feature in factors.features:
            known = [found is not None for found in feature.evidence]
            told = [(*(found or (0.0, 0.0)),) for found in feature.evidence]
            lost = (*feature.loadings, feature.variance)
            rows = [
                (*vector, *(feature.precision if seen else (0.0, 0.0, 0.0)))
                + ((0.0, 0.0, 0.0) if seen else lost)
                for seen, vector in zip(known, told, strict=True)
            ]
            table = np.array(rows).T.copy()
            self._tables[feature.name] = table, ~np.array(known)

    def infer(self, bins: Mapping[str, Places], known: Numbers) -> Inferred:
        """Complete the scores of customers who lack a feature.

        Args:
            bins: of each feature's own term.
            known: the intercept plus the effects of the terms whose features are all known.
        """
        sums = np.zeros((8, len(known)))
        sums[[2, 4]] = 1.0
        for name, (table, _) in self._tables.items():
            sums += table.take(bins[name], axis=1)
        h1, h2, m11, m12, m22, e1, e2, rest = sums
        for one, other, variance in self._factors.pairs:
            unknown = self._unknown(one, bins) | self._unknown(other, bins)
            rest += variance * unknown
        determinant = m11 * m22 - m12 * m12
        q1, q2 = (m22 * e1 - m12 * e2) / determinant, (m11 * e2 - m12 * e1) / determinant
        variance_left = np.maximum(e1 * q1 + e2 * q2 + rest, 0.0)
        mean = known + h1 * q1 + h2 * q2
        half = HALF_RANGE * np.sqrt(variance_left)
        shift, spread = self._factors.shift, self._factors.spread
        log_odds = (mean + shift * variance_left) / np.sqrt(1.0 + spread * variance_left)
        low, high = mean - half, mean + half
        return Inferred(np.minimum(np.maximum(log_odds, low), high), low, high)

    def _unknown(self, name: str, bins: Mapping[str, Places]) -> NDArray[np.bool_]:
        return self._tables[name][1].take(bins[name])
