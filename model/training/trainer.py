"""Trains the model: estimator, tables of points, factors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier

from model.bins import Bins
from model.features import Contract
from model.training.binning import MAX_BINS, encode, fit_bins, known_bins
from model.training.booster import Pair, fit, monotone_signs, one_thread
from model.training.factor_fitting import Factors, fit_factors
from model.training.factor_loss import FACTORS, Terms
from model.training.pair_selection import Choice, Progress, choose, make_folds, rank_pairs
from model.training.scorecard_extraction import Tables, bin_counts, positions
from model.training.training_data import TrainingData


@dataclass(frozen=True)
class Trained:
    """A fitted estimator and what writing the scorecard needs.

    Attributes:
        estimator: over bin numbers.
        bins: of each feature, in the contract's order.
        tables: the estimator's points.
        choice: the result of cross-validation.
        counts: training rows in each bin of each feature, the last for missing.
        known: which bins count as known, for each feature.
        factors: what known features say about unknown ones.
    """

    estimator: HistGradientBoostingClassifier
    bins: tuple[Bins, ...]
    tables: Tables
    choice: Choice
    counts: tuple[np.ndarray, ...]
    known: tuple[np.ndarray, ...]
    factors: Factors


def train(
    contract: Contract, customers: TrainingData, rows: np.ndarray, progress: Progress
) -> Trained:
    """Choose by cross-validation and fit, on these rows alone."""
    features = customers.features.iloc[rows].reset_index(drop=True)
    churned = customers.churned[rows]
    with one_thread():
        choice = choose(make_folds(contract, features, churned), progress)
        progress("fitting")
        return fit_scorecard(contract, features, churned, choice)


def fit_scorecard(
    contract: Contract,
    features: pd.DataFrame,
    churned: np.ndarray,
    choice: Choice,
    *,
    most_bins: int = MAX_BINS,
    number_of_factors: int = FACTORS,
) -> Trained:
    """Fit what was chosen to these customers.

    Args:
        contract: the features.
        features: the customers', as in `TrainingData`.
        churned: their outcomes.
        choice: hyperparameters and number of pairs.
        most_bins: of a number.
        number_of_factors: a scorecard can be written down with two only.
    """
    with one_thread():
        bins = fit_bins(contract, features, most_bins)
        codes = encode(bins, features)
        at = positions(codes, bins)
        counts = bin_counts(at, bins)
        known = known_bins(contract, bins, counts)
        pairs: list[Pair] = []
        if choice.pairs:
            pairs = rank_pairs(bins, codes, churned, choice.setting)[: choice.pairs]
        estimator = fit(codes, churned, choice.setting, pairs, monotone_signs(contract))
        decision = choice.recalibration.applied(estimator.decision_function)
        tables = Tables(decision, bins, pairs, codes, known)
        factors = fit_factors(terms_of(tables, bins, known, at), number_of_factors)
    return Trained(estimator, bins, tables, choice, counts, known, factors)


def terms_of(
    tables: Tables, bins: tuple[Bins, ...], known: tuple[np.ndarray, ...], at: np.ndarray
) -> Terms:
    """Return the terms of customers, whose bins `at` has, shape (rows, features)."""
    single = [points[at[:, j]] for j, points in enumerate(tables.singles)]
    pairs = [table[at[:, one], at[:, other]] for (one, other), table in tables.pairs.items()]
    return Terms(
        at=at,
        sizes=[b.size for b in bins],
        known=np.column_stack([bins_known[at[:, j]] for j, bins_known in enumerate(known)]),
        features=[*((j,) for j in range(len(bins))), *tables.pairs],
        effects=np.column_stack(single + pairs),
        intercept=tables.intercept,
    )
