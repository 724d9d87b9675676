"""The estimator keeps to what features.yaml says about its features."""

from __future__ import annotations

import numpy as np
import pytest

from model.features import Contract, Feature
from model.training.booster import fit, monotone_signs, one_thread

FEE = {"label": "x", "type": "number", "description": "x.", "example": 1, "minimum": 0}
SETTING = {"learning_rate": 0.1, "max_iter": 50, "max_leaf_nodes": 3, "min_samples_leaf": 20}


@pytest.mark.parametrize("pairs", [[], [(0, 1)]], ids=["alone", "in a pair"])
@pytest.mark.parametrize(("direction", "sign"), [("increasing", 1), ("decreasing", -1)])
def test_points_of_a_monotone_feature_never_turn(
    direction: str, sign: int, pairs: list[tuple[int, int]]
) -> None:
    """Though the outcome itself rises and falls with it; with the other feature held."""
    one = Feature("one", **FEE, maximum=9, monotone=direction)  # type: ignore[arg-type]
    other = Feature("other", **FEE, maximum=9)  # type: ignore[arg-type]
    generator = np.random.default_rng(1)
    codes = generator.integers(0, 10, (4000, 2)).astype(float)
    wave = 0.2 + 0.6 * (np.abs(codes[:, 0] - 4.5) < 2.5)
    churned = generator.random(4000) < wave
    signs = monotone_signs(Contract((one, other)))
    grid = np.array([[a, b] for b in range(10) for a in range(10)], dtype=float)
    with one_thread():
        free, bound = (
            np.diff(fit(codes, churned, SETTING, pairs, m).decision_function(grid).reshape(10, 10))
            for m in ((), signs)
        )
    assert (sign * free).min() < -0.1
    assert (sign * bound).min() >= 0
    assert (sign * bound).max() > 0
