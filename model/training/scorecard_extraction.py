"""Writes a fitted additive estimator down as tables, exactly.

Each tree of the estimator uses one feature or one declared pair. Its decision function is therefore
an intercept plus one function for each feature and each pair. With all other features at a
baseline, it gives the function of one feature; a pair's function is what its grid adds to the two
single ones. Only the public `decision_function` is used.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from model.bins import Bins
from model.training.booster import Pair

Decision = Callable[[np.ndarray], np.ndarray]

_CONVERGED = 1e-14


class Tables:
    """Points of every term, centred on the training data.

    Attributes:
        intercept: the training data's mean log-odds.
        singles: for each feature an array over its bins, the last for missing; 0 where a customer
            counts as unknown.
        pairs: for each pair an array over both features' bins; its weighted marginals are 0.
    """

    def __init__(
        self,
        decision: Decision,
        bins: tuple[Bins, ...],
        pairs: list[Pair],
        training: np.ndarray,
        known: Sequence[np.ndarray],
    ) -> None:
        """Read the tables from a decision function.

        Args:
            decision: from bin numbers, shape (rows, features), to log-odds, shape (rows,).
            bins: of each feature.
            pairs: positions of the features that trees may combine.
            training: bin numbers of the training rows; NaN where missing.
            known: for each feature, which bins count as known.
        """
        self._known = known
        grids = [_grid(b) for b in bins]
        rows = positions(training, bins)
        base = np.zeros(len(bins))
        self.intercept = float(decision(base[None, :])[0])
        self.singles = []
        for j, grid in enumerate(grids):
            points = np.repeat(base[None, :], len(grid), axis=0)
            points[:, j] = grid
            self.singles.append(decision(points) - self.intercept)
        self.pairs: dict[Pair, np.ndarray] = {}
        for one, other in pairs:
            a, b = np.meshgrid(grids[one], grids[other], indexing="ij")
            points = np.repeat(base[None, :], a.size, axis=0)
            points[:, one], points[:, other] = a.ravel(), b.ravel()
            table = (decision(points) - self.intercept).reshape(a.shape)
            table = table - self.singles[one][:, None] - self.singles[other][None, :]
            self.pairs[one, other] = table
        for pair in pairs:
            self._purify(pair, rows)
        for j in range(len(bins)):
            self._centre(j, rows[:, j])

    def score(self, indexes: np.ndarray) -> np.ndarray:
        """Add up the tables to log-odds; `indexes` as from `positions`, shape (rows, features)."""
        total = np.full(len(indexes), self.intercept)
        for j, points in enumerate(self.singles):
            total += points[indexes[:, j]]
        for (one, other), table in self.pairs.items():
            total += table[indexes[:, one], indexes[:, other]]
        return total

    def _purify(self, pair: Pair, rows: np.ndarray) -> None:
        """Move the pair's weighted marginals into the single terms (Lengerich et al. 2020)."""
        one, other = pair
        table = self.pairs[pair]
        both = self._known[one][rows[:, one]] & self._known[other][rows[:, other]]
        weights = np.zeros_like(table)
        np.add.at(weights, (rows[both, one], rows[both, other]), 1.0)
        across, down = weights.sum(axis=1), weights.sum(axis=0)
        for _ in range(10_000):
            means = _mean(table, weights, across, axis=1)
            table -= means[:, None]
            self.singles[one] += means
            others = _mean(table, weights, down, axis=0)
            table -= others[None, :]
            self.singles[other] += others
            if max(np.abs(means).max(), np.abs(others).max()) < _CONVERGED:
                break
        table[~self._known[one], :] = 0.0
        table[:, ~self._known[other]] = 0.0

    def _centre(self, feature: int, rows: np.ndarray) -> None:
        points, known = self.singles[feature], self._known[feature]
        mean = points[rows[known[rows]]].mean() if known[rows].any() else 0.0
        points -= mean
        points[~known] = 0.0
        self.intercept += float(mean)


def bin_counts(at: np.ndarray, bins: tuple[Bins, ...]) -> tuple[np.ndarray, ...]:
    """Count the rows in each bin of each feature, from positions as `positions` returns them."""
    return tuple(np.bincount(at[:, j], minlength=b.size) for j, b in enumerate(bins))


def positions(codes: np.ndarray, bins: tuple[Bins, ...]) -> np.ndarray:
    """Turn bin numbers (NaN: missing) into indexes of the tables, shape (rows, features)."""
    missing = np.array([b.size - 1 for b in bins], dtype=float)
    return np.where(np.isnan(codes), missing[None, :], codes).astype(int)


def _grid(bins: Bins) -> np.ndarray:
    return np.append(np.arange(bins.size - 1, dtype=float), np.nan)


def _mean(table: np.ndarray, weights: np.ndarray, totals: np.ndarray, axis: int) -> Any:
    sums = (table * weights).sum(axis=axis)
    return np.divide(sums, totals, out=np.zeros_like(sums), where=totals > 0)
