"""Trains the scorecard: chooses by cross-validation, fits once, writes the tables down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits

from model.binning import encode, fit_bins
from model.data import SEED, Customers
from model.extract import Pair, Tables, positions
from model.features import Contract
from model.scorecard import Bins

FOLDS = 5
GRID: tuple[dict[str, Any], ...] = tuple(
    {"learning_rate": rate, "max_iter": trees, "max_leaf_nodes": leaves, "min_samples_leaf": 20}
    for leaves in (2, 3)
    for rate in (0.05, 0.1)
    for trees in (100, 200, 400)
)
PAIR_COUNTS = (2, 4, 6, 10)
"""How many pairs are tried; each count must beat the one kept before."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class CrossValidation:
    """Figures of one setting, one number a fold."""

    log_losses: np.ndarray
    aucs: np.ndarray


@dataclass(frozen=True)
class Trained:
    """A fitted estimator and all that is needed to write it down."""

    estimator: HistGradientBoostingClassifier
    bins: tuple[Bins, ...]
    tables: Tables
    pairs: list[Pair]
    hyperparameters: dict[str, Any]
    cross_validation: CrossValidation
    without_pairs: CrossValidation


@contextmanager
def one_thread() -> Iterator[None]:
    """Sums in the same order everywhere: the estimator takes every OpenMP thread otherwise."""
    with threadpool_limits(limits=1):
        yield


def train(
    contract: Contract, customers: Customers, rows: np.ndarray, progress: Progress = print
) -> Trained:
    """Train on these rows; no other row is looked at.

    The setting with the lowest mean log loss over the folds names the bar: of those within one
    standard error of it the one with the fewest splits is taken (Hastie et al., The Elements of
    Statistical Learning, 7.10). Pairs are then added while the mean log loss improves by more
    than one standard error.
    """
    features = customers.features.iloc[rows].reset_index(drop=True)
    churned = customers.churned[rows]
    with one_thread():
        tried = []
        for number, setting in enumerate(GRID, start=1):
            progress(f"cross-validation: setting {number} of {len(GRID)}")
            tried.append(cross_validate(contract, features, churned, setting, []))
        setting, found = _simplest(tried)
        bins = fit_bins(contract, features)
        codes = encode(bins, features)
        pairs, best = _choose_pairs(contract, features, churned, setting, found, progress)
        progress("fitting")
        estimator = _fit(codes, churned, setting, pairs)
        tables = Tables(estimator.decision_function, bins, pairs, codes)
    return Trained(estimator, bins, tables, pairs, setting, best, found)


def cross_validate(
    contract: Contract,
    features: Any,
    churned: np.ndarray,
    setting: dict[str, Any],
    pairs: list[Pair],
) -> CrossValidation:
    """Bins, fits and judges a setting on stratified folds; bins are fitted in each fold."""
    losses, aucs = [], []
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    for train_rows, test_rows in folds.split(features, churned):
        bins = fit_bins(contract, features.iloc[train_rows])
        codes = encode(bins, features)
        estimator = _fit(codes[train_rows], churned[train_rows], setting, pairs)
        scores = estimator.predict_proba(codes[test_rows])[:, 1]
        losses.append(log_loss(churned[test_rows], scores))
        aucs.append(roc_auc_score(churned[test_rows], scores))
    return CrossValidation(np.array(losses), np.array(aucs))


def _simplest(tried: list[CrossValidation]) -> tuple[dict[str, Any], CrossValidation]:
    best = min(tried, key=lambda cv: cv.log_losses.mean())
    bar = best.log_losses.mean() + standard_error(best.log_losses)
    good = [
        (setting["max_iter"] * (setting["max_leaf_nodes"] - 1), cv.log_losses.mean(), number)
        for number, (setting, cv) in enumerate(zip(GRID, tried, strict=True))
        if cv.log_losses.mean() <= bar
    ]
    number = min(good)[2]
    return GRID[number], tried[number]


def _choose_pairs(
    contract: Contract,
    features: Any,
    churned: np.ndarray,
    setting: dict[str, Any],
    without: CrossValidation,
    progress: Progress,
) -> tuple[list[Pair], CrossValidation]:
    if len(contract.features) < 2:
        return [], without
    progress("ranking pairs of features")
    ranked = _rank_pairs(contract, features, churned, setting)
    kept: list[Pair] = []
    best = without
    for count in PAIR_COUNTS:
        if count > len(ranked):
            break
        progress(f"cross-validation: {count} pairs")
        found = cross_validate(contract, features, churned, _with_pairs(setting), ranked[:count])
        gain = best.log_losses.mean() - found.log_losses.mean()
        if gain <= standard_error(best.log_losses):
            break
        kept, best = ranked[:count], found
    return kept, best


def _rank_pairs(
    contract: Contract, features: Any, churned: np.ndarray, setting: dict[str, Any]
) -> list[Pair]:
    """All pairs, by the variance of their purified table on the training rows."""
    bins = fit_bins(contract, features)
    codes = encode(bins, features)
    every = list(combinations(range(len(bins)), 2))
    estimator = _fit(codes, churned, setting, every)
    tables = Tables(estimator.decision_function, bins, every, codes)
    at = positions(codes, bins)
    variance = {
        pair: float(t[at[:, pair[0]], at[:, pair[1]]].var()) for pair, t in tables.pairs.items()
    }
    return sorted(every, key=lambda pair: (-variance[pair], pair))


def _with_pairs(setting: dict[str, Any]) -> dict[str, Any]:
    """A tree needs a leaf for each quadrant before it can hold an interaction."""
    return {**setting, "max_leaf_nodes": max(4, setting["max_leaf_nodes"])}


def _fit(
    codes: np.ndarray,
    churned: np.ndarray,
    setting: dict[str, Any],
    pairs: list[Pair],
) -> HistGradientBoostingClassifier:
    allowed: Any = "no_interactions"
    if pairs:
        setting = _with_pairs(setting)
        allowed = [{j} for j in range(codes.shape[1])] + [set(pair) for pair in pairs]
    estimator = HistGradientBoostingClassifier(
        **setting,
        # Bins are ordered numbers to it. Declared categorical, scikit-learn 1.9 reorders the columns
        # but not the numbers in interaction_cst: other features than the declared ones interact.
        categorical_features=None,
        early_stopping=False,
        interaction_cst=allowed,
        random_state=SEED,
    )
    estimator.fit(codes, churned)
    return estimator


def standard_error(values: np.ndarray) -> float:
    """Of the mean."""
    return float(values.std(ddof=1) / np.sqrt(len(values)))
