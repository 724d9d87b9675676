"""Chooses hyperparameters and pairs by cross-validation on the training set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold

from model import fold_figures
from model.bins import Bins
from model.features import Contract
from model.training.binning import MAX_BINS, encode, fit_bins
from model.training.booster import Pair, fit, monotone_signs
from model.training.recalibration import Recalibration, recalibrate
from model.training.scorecard_extraction import Tables, bin_counts, positions
from model.training.training_data import SEED

FOLDS = fold_figures.FOLDS
GRID: tuple[dict[str, Any], ...] = tuple(
    {"learning_rate": 0.1, "max_iter": trees, "max_leaf_nodes": leaves, "min_samples_leaf": 20}
    for leaves in (2, 3)
    for trees in (100, 200, 400, 800)
)
PAIR_COUNTS = (2, 4, 6, 10)

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Fold:
    """One division of the training set, binned by its own training rows."""

    monotone: tuple[int, ...]
    bins: tuple[Bins, ...]
    codes: np.ndarray
    churned: np.ndarray
    held_out_codes: np.ndarray
    held_out_churned: np.ndarray


@dataclass(frozen=True)
class Figures:
    """Results of a setting on the held-out rows of each fold.

    Attributes:
        log_losses: one for each fold.
        parts: outcomes and probabilities of each fold's held-out customers.
    """

    log_losses: np.ndarray
    parts: list[tuple[np.ndarray, np.ndarray]]

    @property
    def roc_auc(self) -> float:
        """The mean over the folds."""
        return float(np.mean([roc_auc_score(*part) for part in self.parts]))


@dataclass(frozen=True)
class Choice:
    """The result of cross-validation.

    Attributes:
        setting: hyperparameters.
        pairs: number of pairs taken, best ranked first.
        figures: of setting and pairs.
        tried: figures of every setting of the grid, without pairs, then of every number of pairs.
    """

    setting: dict[str, Any]
    pairs: int
    figures: Figures
    tried: list[tuple[dict[str, Any], Figures]]

    @cached_property
    def recalibration(self) -> Recalibration:
        """How the held-out customers would move the log-odds."""
        return recalibrate(self.figures.parts)


def make_folds(
    contract: Contract,
    features: pd.DataFrame,
    churned: np.ndarray,
    *,
    seed: int = SEED,
    most_bins: int = MAX_BINS,
) -> list[Fold]:
    """Divide the training set into five folds, stratified by the outcome."""
    folds = []
    divisions = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    for rows, held_out in divisions.split(features, churned):
        bins = fit_bins(contract, features.iloc[rows], most_bins)
        codes = encode(bins, features)
        parts = codes[rows], churned[rows], codes[held_out], churned[held_out]
        folds.append(Fold(monotone_signs(contract), bins, *parts))
    return folds


def choose(folds: list[Fold], progress: Progress) -> Choice:
    """Choose the simplest setting that the best doesn't beat, then add pairs while they help.

    Both steps compare log loss over the same folds. A difference counts if its mean exceeds its
    standard error (Hastie et al., The Elements of Statistical Learning, 7.10). Of the settings that
    the best doesn't beat, the one with the fewest splits is taken. Pairs are added, best ranked
    first, as long as more pairs beat fewer.
    """
    tried = []
    for number, setting in enumerate(GRID, start=1):
        progress(f"cross-validation: setting {number} of {len(GRID)}")
        tried.append((setting, judge(folds, setting)))
    best = min((figures for _, figures in tried), key=lambda figures: figures.log_losses.mean())
    setting, figures = min(
        (one for one in tried if not beats(best, one[1])),
        key=lambda one: (_splits(one[0]), one[1].log_losses.mean()),
    )
    progress("ranking pairs of features")
    ranked = [rank_pairs(fold.bins, fold.codes, fold.churned, setting) for fold in folds]
    kept = 0
    for count in PAIR_COUNTS:
        progress(f"cross-validation: {count} pairs")
        found = judge(folds, setting, [ranking[:count] for ranking in ranked])
        tried.append((setting | {"pairs": count}, found))
        if not beats(found, figures):
            break
        kept, figures = count, found
    return Choice(setting, kept, figures, tried)


def judge(
    folds: list[Fold], setting: dict[str, Any], pairs: Sequence[Sequence[Pair]] | None = None
) -> Figures:
    """Fit a setting on each fold, with that fold's pairs, and measure on its held-out rows."""
    losses, parts = [], []
    for fold, declared in zip(folds, pairs or [()] * len(folds), strict=True):
        estimator = fit(fold.codes, fold.churned, setting, declared, fold.monotone)
        scores = estimator.predict_proba(fold.held_out_codes)[:, 1]
        losses.append(log_loss(fold.held_out_churned, scores))
        parts.append((fold.held_out_churned, scores))
    return Figures(np.array(losses), parts)


def rank_pairs(
    bins: tuple[Bins, ...], codes: np.ndarray, churned: np.ndarray, setting: dict[str, Any]
) -> list[Pair]:
    """Rank all pairs by the variance of their purified tables, in one fit with every pair.

    A hundred trees are enough to find the strongest; more would take most of the training time.
    """
    every = list(combinations(range(len(bins)), 2))
    estimator = fit(codes, churned, setting | {"max_iter": 100}, every)
    at = positions(codes, bins)
    seen = [rows > 0 for rows in bin_counts(at, bins)]
    tables = Tables(estimator.decision_function, bins, every, codes, seen)
    variances = {
        pair: float(table[at[:, pair[0]], at[:, pair[1]]].var())
        for pair, table in tables.pairs.items()
    }
    return sorted(every, key=lambda pair: (-variances[pair], pair))


def beats(one: Figures, other: Figures) -> bool:
    """Whether the log loss is lower by more than one standard error of the difference."""
    gains = other.log_losses - one.log_losses
    return bool(gains.mean() > gains.std(ddof=1) / np.sqrt(len(gains)))


def _splits(setting: dict[str, Any]) -> int:
    return int(setting["max_iter"] * (setting["max_leaf_nodes"] - 1))
