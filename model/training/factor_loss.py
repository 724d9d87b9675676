"""The loss by which the factors of a scorecard are fitted, and its slopes.

Some features of each training customer are hidden, and what the factor model expects of the hidden
terms is compared with what they are: their sum, by the likelihood of a normal distribution, and the
customer's probability, by its cross-entropy with the one of the whole score. No outcome is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Parameters = dict[str, np.ndarray]

FACTORS = 2
"""Of a scorecard; other numbers are for experiments."""

WEIGHT = 30.0
"""Of the cross-entropy: what is published is the probability."""

PRIOR_OF_EVIDENCE, PRIOR_OF_PRECISION = 2.0, 1.0
"""Customers that each number is worth, pulling it to 0."""

LEAST_VARIANCE = 1e-3
"""Of a term that varies at all; no feature says exactly what another one's points are."""

_NONE = 1e-12
"""Variance below which a term is constant."""


@dataclass(frozen=True)
class Terms:
    """The terms of the training customers.

    Attributes:
        at: each customer's bin of each feature, shape (rows, features).
        sizes: of the bins of each feature.
        known: whether the feature is known, shape (rows, features).
        features: positions of each term's features; first a term for each feature, in order, then
            the pairs.
        effects: points of each term, shape (rows, terms); 0 where a feature isn't known.
        intercept: log-odds of the average customer.
    """

    at: np.ndarray
    sizes: Sequence[int]
    known: np.ndarray
    features: Sequence[tuple[int, ...]]
    effects: np.ndarray
    intercept: float


class FactorLoss:
    """The loss as a function of the parameters, by its slopes."""

    def __init__(self, terms: Terms, factors: int = FACTORS) -> None:
        self.terms = terms
        self.factors = factors
        self.single = len(terms.sizes)
        self.starts = np.concatenate([[0], np.cumsum(terms.sizes)])
        self.flat = terms.at + self.starts[:-1]
        self.varies = terms.effects.var(axis=0) > _NONE
        self.whole = terms.intercept + terms.effects.sum(axis=1)

    def start(self) -> Parameters:
        """Start with the largest principal components of the terms, one for each factor."""
        centred = self.terms.effects - self.terms.effects.mean(axis=0)
        sizes, axes = np.linalg.eigh(np.atleast_2d(np.cov(centred.T)))
        factors = self.factors
        lacking = max(0, factors - len(sizes))  # a single term has one component
        sizes = np.maximum(np.pad(sizes[::-1], (0, lacking))[:factors], _NONE)
        axes = np.pad(axes[:, ::-1], ((0, 0), (0, lacking)))[:, :factors]
        axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), range(factors)])
        scores = centred @ axes / np.sqrt(sizes)
        flat, bins = self.flat.ravel(), self.starts[-1]
        sums = [np.bincount(flat, np.repeat(s, self.single), minlength=bins) for s in scores.T]
        loadings = axes * np.sqrt(sizes)
        rest = np.maximum(centred.var(axis=0) - (loadings**2).sum(axis=1), LEAST_VARIANCE)
        return {
            "evidence": _columns(sums, bins) / (np.bincount(flat, minlength=bins) + 20)[:, None],
            "root": np.tile(0.3 * np.eye(factors), (self.single, 1, 1)),
            "loadings": loadings[: self.single],
            "rest": np.log(rest),
            "shift": np.zeros(1),
            "spread": np.log([np.pi / 8]),
        }

    def numbers(self, parameters: Parameters) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return loadings, variances and precisions.

        A feature that is known shows its own term exactly. Its precision is therefore at least that
        of its term as an observation of the factors; so knowledge never adds variance.
        """
        single = self.varies[: self.single]
        loadings = parameters["loadings"] * single[:, None]
        variances = (np.exp(parameters["rest"]) + LEAST_VARIANCE) * self.varies
        root, own = parameters["root"], variances[: self.single] + ~single
        seen = loadings[:, :, None] * loadings[:, None, :] / own[:, None, None]
        return loadings, variances, root @ root.transpose(0, 2, 1) + seen

    def slopes(self, parameters: Parameters, rows: np.ndarray, shown: np.ndarray) -> Parameters:
        """Return the loss's slopes for customers when some of their features are shown.

        With the sum e of the hidden terms' loadings, the precision M and the evidence h: the hidden
        sum has the mean e' M^-1 h and the variance e' M^-1 e plus the terms' own.
        """
        terms, number, single, factors = self.terms, len(rows), self.single, self.factors
        loadings, variances, precision = self.numbers(parameters)
        known = terms.known[rows]
        given = (known & shown).astype(float)
        hidden = np.column_stack(
            [known[:, f].all(axis=1) & ~given[:, f].all(axis=1) for f in map(list, terms.features)]
        ).astype(float)
        target = (terms.effects[rows] * hidden).sum(axis=1)
        total = (given @ precision.reshape(single, factors**2)).reshape(number, factors, factors)
        total += np.eye(factors)
        inverse = np.linalg.inv(total)
        loading = hidden[:, :single] @ loadings
        evidence = (parameters["evidence"][self.flat[rows]] * given[:, :, None]).sum(axis=1)
        q, g = (np.einsum("nij,nj->ni", inverse, vector) for vector in (loading, evidence))
        variance = (loading * q).sum(axis=1) + hidden @ variances + _NONE
        error = target - (evidence * q).sum(axis=1)
        shift, spread = parameters["shift"][0], np.exp(parameters["spread"][0])
        flat = np.sqrt(1 + spread * variance)
        moved = self.whole[rows] - error + shift * variance
        wrong = WEIGHT * (_logistic(moved / flat) - _logistic(self.whole[rows])) / number
        bend = wrong * moved / (2 * flat**3)
        by_mean = -error / variance / number + wrong / flat
        by_variance = (1 / variance - (error / variance) ** 2) / 2 / number
        by_variance += wrong * shift / flat - bend * spread
        by_evidence, by_loading = by_mean[:, None] * q, by_mean[:, None] * g
        by_total = -_outer(q, by_loading) - by_variance[:, None, None] * _outer(q, q)
        by_precision = given.T @ by_total.reshape(number, factors**2)
        by_precision = by_precision.reshape(single, factors, factors)
        by_precision = (by_precision + by_precision.transpose(0, 2, 1)) / 2
        own = variances[:single] + ~self.varies[:single]
        slope = hidden[:, :single].T @ (by_loading + 2 * by_variance[:, None] * q)
        slope += 2 * np.einsum("kij,kj->ki", by_precision, loadings) / own[:, None]
        rest = hidden.T @ by_variance
        rest[:single] -= np.einsum("ki,kij,kj->k", loadings, by_precision, loadings) / own**2
        return {
            "evidence": self._by_bin(rows, given, by_evidence)
            + PRIOR_OF_EVIDENCE / len(terms.at) * parameters["evidence"],
            "root": 2 * by_precision @ parameters["root"]
            + PRIOR_OF_PRECISION / len(terms.at) * parameters["root"],
            "loadings": slope * self.varies[:single, None],
            "rest": rest * np.exp(parameters["rest"]) * self.varies,
            "shift": np.array([(wrong * variance / flat).sum()]),
            "spread": np.array([-(bend * variance).sum() * spread]),
        }

    def _by_bin(self, rows: np.ndarray, given: np.ndarray, slopes: np.ndarray) -> np.ndarray:
        bins = self.flat[rows].ravel()
        columns = [
            np.bincount(bins, (given * s[:, None]).ravel(), minlength=self.starts[-1])
            for s in slopes.T
        ]
        return _columns(columns, int(self.starts[-1]))


def _columns(columns: list[np.ndarray], rows: int) -> np.ndarray:
    """Return the columns side by side, also where there are none."""
    return np.column_stack(columns) if columns else np.empty((rows, 0))


def _outer(one: np.ndarray, other: np.ndarray) -> Any:
    return one[:, :, None] * other[:, None, :]


def _logistic(log_odds: np.ndarray) -> Any:
    return 1 / (1 + np.exp(-log_odds))
