"""Runs the cross-validation of an experiment: the training, with one thing varied."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import sklearn

from model.features import Contract
from model.fold_figures import DECIMALS, compare, difference, over_folds
from model.training.binning import MAX_BINS
from model.training.booster import one_thread
from model.training.experiment_variants import names
from model.training.factor_loss import FACTORS
from model.training.pair_selection import (
    FOLDS,
    Choice,
    Figures,
    Fold,
    Progress,
    choose,
    judge,
    make_folds,
    rank_pairs,
)
from model.training.partial_customers import PATTERNS, PartialScorer, folds, logistic, patterns
from model.training.quality_measures import log_loss, roc_auc
from model.training.trainer import fit_scorecard
from model.training.training_data import SEED, TrainingData, split

HYPERPARAMETERS = ("learning_rate", "max_iter", "max_leaf_nodes", "min_samples_leaf")
SETTINGS = (*HYPERPARAMETERS, "pairs", "bins", "factors")
"""What an experiment states, but for what it varies."""


@dataclass(frozen=True)
class OnFolds:
    """What a variant reaches on the held-out customers of each fold."""

    log_losses: list[float]
    roc_aucs: list[float]

    @property
    def rounded(self) -> OnFolds:
        """As the file states it, so that all that follows from it can be checked there."""
        losses = [round(value, DECIMALS) for value in self.log_losses]
        return OnFolds(losses, [round(value, DECIMALS) for value in self.roc_aucs])


@dataclass(frozen=True)
class Bench:
    """The customers that an experiment trains and measures on: the training set, never the test."""

    contract: Contract
    features: pd.DataFrame
    churned: np.ndarray

    @classmethod
    def of(cls, contract: Contract, customers: TrainingData) -> Bench:
        """Take the training set of these customers."""
        rows = split(customers.churned).train
        features = customers.features.iloc[rows].reset_index(drop=True)
        return cls(contract, features, customers.churned[rows])


def usual(bench: Bench, report: Progress) -> dict[str, Any]:
    """Return what training would choose today: hyperparameters, pairs, bins, factors."""
    with one_thread():
        choice = choose(make_folds(bench.contract, bench.features, bench.churned), report)
    return choice.setting | {"pairs": choice.pairs, "bins": MAX_BINS, "factors": FACTORS}


def figures(
    bench: Bench,
    customers: TrainingData,
    *,
    varied: str,
    values: Sequence[float],
    base: dict[str, Any],
    report: Progress,
) -> dict[str, Any]:
    """Run every variant, and return the figures of the experiment but its command.

    Args:
        bench: what to train and measure on.
        customers: all of them, for the digest.
        varied: what is varied.
        values: of it, the smallest first.
        base: everything else, from `usual` or from an experiment that is run again.
        report: is told of each variant.
    """
    found: dict[str, OnFolds] = {}
    variants = names(varied, values)
    measure = run_partial if varied == "factors" else run
    for number, (name, value) in enumerate(variants.items(), start=1):
        report(f"variant {number} of {len(variants)}: {name}")
        with one_thread():
            found[name] = measure(bench, base | {varied: value}).rounded
    best, simplest = compare({name: on.log_losses for name, on in found.items()})
    return {
        "data": {
            "name": customers.name,
            "customers": len(customers.churned),
            "sha256": digest(customers),
        },
        "training": {
            "framework": f"scikit-learn {sklearn.__version__}",
            "seed": SEED,
            "folds": FOLDS,
            "customers": len(bench.churned),
            "known": f"{PATTERNS} random sets of features" if varied == "factors" else "everything",
            **{name: value for name, value in base.items() if name != varied},
        },
        "varied": varied,
        "compared_by": "log_loss",
        "variants": [
            {
                "name": name,
                "value": variants[name],
                "log_loss": over_folds(on.log_losses),
                "roc_auc": over_folds(on.roc_aucs),
                "difference": difference(on.log_losses, found[best].log_losses),
            }
            for name, on in found.items()
        ],
        "best": best,
        "simplest_not_beaten": simplest,
    }


def run(bench: Bench, setting: dict[str, Any]) -> OnFolds:
    """Cross-validate one variant on complete customers."""
    hyperparameters = {name: setting[name] for name in HYPERPARAMETERS}
    made = make_folds(bench.contract, bench.features, bench.churned, most_bins=setting["bins"])
    parts = judge(made, hyperparameters, _pairs(made, hyperparameters, setting["pairs"])).parts
    return OnFolds([log_loss(*part) for part in parts], [roc_auc(*part) for part in parts])


def run_partial(bench: Bench, setting: dict[str, Any]) -> OnFolds:
    """Cross-validate one variant on partial customers: only a random set of features is known.

    Each fold's figure is the mean over the sets, which are the same for every fold and variant.
    """
    hyperparameters = {name: setting[name] for name in HYPERPARAMETERS}
    choice = Choice(hyperparameters, setting["pairs"], Figures(np.empty(0), []), [])
    found = OnFolds([], [])
    for rows, held_out in folds(bench.churned):
        trained = fit_scorecard(
            bench.contract,
            bench.features.iloc[rows].reset_index(drop=True),
            bench.churned[rows],
            choice,
            most_bins=setting["bins"],
            number_of_factors=setting["factors"],
        )
        scorer, churned = (
            PartialScorer(trained, bench.features.iloc[held_out]),
            bench.churned[held_out],
        )
        scores = [
            logistic(scorer.score(shown).log_odds) for shown in patterns(len(bench.contract.names))
        ]
        found.log_losses.append(float(np.mean([log_loss(churned, s) for s in scores])))
        found.roc_aucs.append(float(np.mean([roc_auc(churned, s) for s in scores])))
    return found


def _pairs(made: list[Fold], setting: dict[str, Any], count: int) -> list[Any] | None:
    if not count:
        return None
    return [rank_pairs(f.bins, f.codes, f.churned, setting)[:count] for f in made]


def digest(customers: TrainingData) -> str:
    """Return the SHA-256 of features and outcomes as they were read, whatever the file's form."""
    found = hashlib.sha256()
    for name, column in customers.features.items():
        values = [None if pd.isna(value) else value for value in column]
        found.update(json.dumps([name, values]).encode())
    found.update(json.dumps(customers.churned.tolist()).encode())
    return found.hexdigest()
