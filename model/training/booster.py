"""The estimator: boosted trees over bin numbers, each on one feature or one declared pair."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from model.features import Contract
from model.training.training_data import SEED

Pair = tuple[int, int]
"""Positions of two features in the contract."""


@contextmanager
def one_thread() -> Iterator[None]:
    """Use one OpenMP thread, so that sums add up in the same order on every machine."""
    with threadpool_limits(limits=1):
        yield


def monotone_signs(contract: Contract) -> tuple[int, ...]:
    """Return the direction of each feature as scikit-learn takes it: 1, -1, or 0 for any."""
    signs = {"increasing": 1, "decreasing": -1, None: 0}
    return tuple(signs[feature.monotone] for feature in contract.features)


def fit(
    codes: np.ndarray,
    churned: np.ndarray,
    setting: dict[str, Any],
    pairs: Sequence[Pair] = (),
    monotone: Sequence[int] = (),
) -> HistGradientBoostingClassifier:
    """Fit the estimator.

    A direction holds with all else equal: the trees of a pair keep it too. A missing value has no
    place in the order.

    Args:
        codes: bin numbers as floats, shape (rows, features); NaN where missing.
        churned: outcomes, shape (rows,).
        setting: hyperparameters by scikit-learn's names.
        pairs: the features that may share a tree.
        monotone: direction of each feature, from `monotone_signs`; by default any.
    """
    allowed: Any = "no_interactions"
    if pairs:
        # An exclusive or needs four leaves, one for each quadrant.
        setting = setting | {"max_leaf_nodes": max(4, setting["max_leaf_nodes"])}
        allowed = [{feature} for feature in range(codes.shape[1])] + [set(pair) for pair in pairs]
    estimator = HistGradientBoostingClassifier(
        **setting,
        # It takes bins as ordered numbers. scikit-learn 1.9 moves features declared categorical to
        # the front but not their interaction_cst, so the wrong pairs would interact.
        categorical_features=None,
        early_stopping=False,
        interaction_cst=allowed,
        monotonic_cst=list(monotone) if any(monotone) else None,
        random_state=SEED,
    )
    return estimator.fit(codes, churned)
