"""Fits the factors of a scorecard: what known features say about unknown ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from model.training.factor_loss import FACTORS, FactorLoss, Terms
from model.training.training_data import SEED

STEPS = 1000
BATCH = 1024
"""Customers of a step."""

RATE = 0.03
"""By which parameters change at most, in the first step."""


@dataclass(frozen=True)
class Factors:
    """What was fitted: the numbers of `model.factor_model`.

    Attributes:
        evidence: for each feature an array over its bins, shape (bins, factors).
        precision: of each feature, shape (features, factors, factors).
        loadings: of each feature's single term, shape (features, factors).
        variances: of each term.
        shift: log-odds for each unit of variance.
        spread: flattening for each unit of variance.
    """

    evidence: list[np.ndarray]
    precision: np.ndarray
    loadings: np.ndarray
    variances: np.ndarray
    shift: float
    spread: float


def fit_factors(terms: Terms, factors: int = FACTORS) -> Factors:
    """Fit by stochastic gradients, the same way every time (Kingma and Ba 2015, Adam).

    Each step hides other features of other customers, a share that is drawn for each customer. With
    a fixed set of patterns the factors would learn these by heart.

    Args:
        terms: of the training customers.
        factors: how many; a scorecard has two.
    """
    loss = FactorLoss(terms, factors)
    parameters = loss.start()
    generator = np.random.default_rng(SEED)
    slow = {name: np.zeros_like(value) for name, value in parameters.items()}
    squares = {name: np.zeros_like(value) for name, value in parameters.items()}
    for step in range(1, STEPS + 1):
        rows = generator.integers(0, len(terms.at), BATCH)
        shown = generator.random((BATCH, len(terms.sizes))) < generator.random((BATCH, 1))
        rate = RATE * (1 + np.cos(np.pi * step / STEPS)) / 2
        for name, slope in loss.slopes(parameters, rows, shown).items():
            slow[name] = 0.9 * slow[name] + 0.1 * slope
            squares[name] = 0.999 * squares[name] + 0.001 * slope**2
            size = np.sqrt(squares[name] / (1 - 0.999**step)) + 1e-8
            parameters[name] = parameters[name] - rate * slow[name] / (1 - 0.9**step) / size
    loadings, variances, precision = loss.numbers(parameters)
    return Factors(
        np.split(parameters["evidence"], np.cumsum(terms.sizes)[:-1]),
        precision,
        loadings,
        variances,
        float(parameters["shift"][0]),
        float(np.exp(parameters["spread"][0])),
    )
