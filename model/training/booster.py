"""The estimator: boosting over bin numbers, each tree on one feature or one declared pair."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from model.training.training_data import SEED

Pair = tuple[int, int]
"""Positions of two features in the contract."""


@contextmanager
def one_thread() -> Iterator[None]:
    """Add up in the same order everywhere: the estimator takes every OpenMP thread otherwise."""
    with threadpool_limits(limits=1):
        yield


def fit(
    codes: np.ndarray, churned: np.ndarray, setting: dict[str, Any], pairs: Sequence[Pair] = ()
) -> HistGradientBoostingClassifier:
    """Fit the estimator.

    Args:
        codes: bin numbers as floats, shape (rows, features); NaN where missing.
        churned: outcomes, shape (rows,).
        setting: hyperparameters by scikit-learn's names.
        pairs: the features that may share a tree.
    """
    allowed: Any = "no_interactions"
    if pairs:
        # A tree of three leaves cannot hold an exclusive or: a quadrant each.
        setting = setting | {"max_leaf_nodes": max(4, setting["max_leaf_nodes"])}
        allowed = [{feature} for feature in range(codes.shape[1])] + [set(pair) for pair in pairs]
    estimator = HistGradientBoostingClassifier(
        **setting,
        # Bins are ordered numbers to it. Features declared categorical are moved to the front by
        # scikit-learn 1.9 and interaction_cst is not moved with them: the wrong pairs interact.
        categorical_features=None,
        early_stopping=False,
        interaction_cst=allowed,
        random_state=SEED,
    )
    return estimator.fit(codes, churned)
