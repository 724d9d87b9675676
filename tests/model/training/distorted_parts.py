"""Held-out customers of five folds whose probabilities are off in a known way."""

from __future__ import annotations

import numpy as np
from scipy.special import expit  # type: ignore[import-untyped]

from model.training.evaluation import Part


def five_parts(
    slope: float = 1.0, intercept: float = 0.0, rows: int = 800, seed: int = 3
) -> list[Part]:
    """Draw outcomes; the scores are right once their log-odds are moved by slope and intercept."""
    draw = np.random.default_rng(seed)
    true = draw.normal(-1.0, 1.5, (5, rows))
    churned = draw.random((5, rows)) < expit(true)
    return list(zip(churned, expit((true - intercept) / slope), strict=True))
