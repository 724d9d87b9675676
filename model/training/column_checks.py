"""Finds features that must not be trained on, and says what to do about each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import chi2_contingency  # type: ignore[import-untyped]
from sklearn.model_selection import StratifiedKFold

from model.features import Contract, Feature
from model.training.quality_measures import roc_auc
from model.training.training_data import SEED, DataError, TrainingData

MOST_VALUES = 100
"""Values of a category. With more, most have too few customers to learn from."""

FEWEST_MISSING = 50
"""Training rows without a value that a bin for missing needs."""

ID_SHARE = 0.99
"""Share of different values among the known ones from which a column is like an id."""

LEAK_AUC = 0.98
"""Out-of-fold ROC AUC of one feature alone; honest features of customers stay well below."""

PURE_SHARE, PURE_ROWS = 0.99, 20
"""A group with so large a share of the rarer outcome, and so many customers, gives it away."""

SIGNIFICANCE = 0.01
_GROUPS = 32
_FOLDS = 5


class ColumnFault(NamedTuple):
    """Why a feature can't be used, and the remedy."""

    reason: str
    remedy: str


def check_features(contract: Contract, customers: TrainingData, rows: np.ndarray) -> None:
    """Refuse features that can't be trained on.

    Args:
        contract: its features.
        customers: all customers.
        rows: of the training set; no other customers are looked at.

    Raises:
        DataError: naming each feature with its remedy.
    """
    faults = feature_faults(contract, customers, rows)
    if faults:
        told = (f"{name}: {reason}: {remedy}" for name, (reason, remedy) in faults.items())
        raise DataError(f"{customers.name}: {'; '.join(told)}")


def feature_faults(
    contract: Contract, customers: TrainingData, rows: np.ndarray
) -> dict[str, ColumnFault]:
    """Return what is wrong with features, by name; the arguments are those of `check_features`."""
    churned = customers.churned[rows]
    found = {}
    for feature in contract.features:
        column = customers.features[feature.name].iloc[rows]
        if fault := next(_faults(feature, column, churned), None):
            found[feature.name] = fault
    return found


def missing_tells(missing: np.ndarray, churned: np.ndarray) -> bool:
    """Whether customers without a value differ in their outcome from those with one.

    A chi-squared test at 1%, on at least 50 customers without a value.
    """
    if missing.sum() < FEWEST_MISSING or missing.all():
        return False
    table = [[int((missing == m)[churned == c].sum()) for m in (0, 1)] for c in (0, 1)]
    return bool(chi2_contingency(table, correction=False).pvalue < SIGNIFICANCE)


def _faults(feature: Feature, column: pd.Series, churned: np.ndarray) -> Iterator[ColumnFault]:
    known = column.dropna()
    different = known.nunique()
    delete = "delete it from features.yaml"
    if different <= 1:
        yield ColumnFault("one value, or none, in all training rows", delete)
    if feature.type in ("category", "integer") and different > ID_SHARE * len(known):
        measure = ", or give it the type number if it is a measure"
        remedy = f"{delete}{measure * (feature.type == 'integer')}"
        yield ColumnFault(f"{different} different values in {len(known)} rows, like an id", remedy)
    if len(feature.values) > MOST_VALUES:
        reason = f"{len(feature.values)} values, more than {MOST_VALUES}"
        yield ColumnFault(reason, f"group them, or {delete}")
    if leak := _leak(_groups(feature, column), churned):
        yield ColumnFault(leak, f"it may be known only after the outcome, so {delete}")
    missing = len(column) - len(known)
    if feature.when_missing == "informative" and missing < FEWEST_MISSING:
        reason = f"when_missing: {missing} training rows without it, fewer than {FEWEST_MISSING}"
        yield ColumnFault(reason, "say unknown")


def _groups(feature: Feature, column: pd.Series) -> np.ndarray:
    """Sort customers into groups of equal or close values; those without one are the last."""
    missing = column.isna().to_numpy()
    if feature.type in ("category", "boolean"):
        codes = pd.factorize(column)[0]
    else:
        values = column.to_numpy(dtype=float)
        edges = np.unique(np.quantile(values[~missing], np.arange(1, _GROUPS) / _GROUPS))
        codes = np.searchsorted(edges, values, side="right")
    groups: np.ndarray = np.where(missing, codes.max() + 1, codes)
    return groups


def _leak(groups: np.ndarray, churned: np.ndarray) -> str:
    """Say how the groups give the outcome away, or return nothing.

    Either they rank customers nearly perfectly, or half of the customers with the rarer outcome are
    in groups that hardly anybody else is in. A missing value is a group, too.
    """
    area = _alone(groups, churned)
    if area >= LEAK_AUC:
        return f"it alone predicts the outcome nearly perfectly (ROC AUC {area:.3f})"
    rarer = churned if churned.mean() <= 0.5 else ~churned
    rows, rare = np.bincount(groups), np.bincount(groups, weights=rarer)
    pure = (rows >= PURE_ROWS) & (rare >= PURE_SHARE * rows)
    share = rare[pure].sum() / rarer.sum()
    if share >= 0.5:
        word = "left" if rarer is churned else "stayed"
        return f"some of its values, or its absence, mark {share:.0%} of the customers who {word}"
    return ""


def _alone(groups: np.ndarray, churned: np.ndarray) -> float:
    """Return the out-of-fold ROC AUC of each group's share of leavers."""
    areas = []
    size, overall = int(groups.max()) + 1, churned.mean()
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=SEED)
    for fitted, held_out in folds.split(groups, churned):
        rows = np.bincount(groups[fitted], minlength=size)
        left = np.bincount(groups[fitted], weights=churned[fitted], minlength=size)
        shares = (left + overall) / (rows + 1)
        areas.append(roc_auc(churned[held_out], shares[groups[held_out]]))
    return float(np.mean(areas))
