"""Our training and scoring beside InterpretML's ExplainableBoostingClassifier, on the same folds.

Ours is `train` as a release does it: its cross-validation over settings and pairs sees only the
fold's training rows. Theirs is the default. Each takes one thread, and processor time is measured,
so folds can be fitted side by side.

The interval is 95% of a bootstrap of each fold's held-out customers.
"""

from __future__ import annotations

import multiprocessing
import os
import time
import warnings
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from statistics import mean
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.labelled_data import DataSet, data_set
from model.scorecard_file import from_dict
from model.training.evaluation import Part, metric
from model.training.pair_selection import FOLDS
from model.training.partial_customers import PartialScorer, folds, logistic
from model.training.quality_measures import roc_auc
from model.training.scorecard_writer import write_down
from model.training.trainer import train
from model.training.training_data import record

TIMES_AS_FAST = 50
FOLDS_COMPARED = 3
"""InterpretML takes a minute or two for each."""

ROWS, ROUNDS = 40, 5
"""Customers that are scored one by one, and how often; the best round counts."""


@dataclass(frozen=True)
class FoldResult:
    """One model on one fold.

    Attributes:
        part: outcomes and probabilities of the held-out customers.
        training: seconds of processor time.
        scoring: microseconds of processor time for one customer.
    """

    part: Part
    training: float
    scoring: float


class Comparison:
    """Both models on folds of the data sets, computed in processes of their own.

    Args:
        names: of the data sets.
        number: how many of the folds, from the first.
    """

    def __init__(self, names: Iterable[str], number: int) -> None:
        # A fork would inherit OpenMP's state, and wait forever.
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(os.cpu_count(), context)
        self._results: dict[str, list[list[Future[FoldResult]]]] = {
            name: [
                [self._pool.submit(_measure, kind, name, fold) for fold in range(number)]
                for kind in ("theirs", "ours")
            ]
            for name in names
        }

    def print(self, console: Console, name: str) -> None:
        """Print AUC, seconds to train and microseconds to score, with their ratios."""
        theirs, ours = ([each.result() for each in side] for side in self._results[name])
        table = Table(
            title=f"{name}: {len(ours)} of {FOLDS} folds, one thread each", title_justify="left"
        )
        for heading in ("", "ROC AUC (95% interval)", "seconds to train", "µs to score one"):
            table.add_column(heading, justify="right" if heading else "left")
        found = {}
        for label, side in (("InterpretML, default", theirs), ("ours, settings chosen", ours)):
            auc = metric("roc_auc", roc_auc, [result.part for result in side])
            low, high = auc["interval"]
            times = mean(r.training for r in side), mean(r.scoring for r in side)
            found[label] = auc["value"], low, *times
            text = f"{auc['value']:.4f} ({low:.4f} to {high:.4f})"
            table.add_row(label, text, f"{times[0]:.1f}", f"{times[1]:,.1f}")
        console.print(table)
        (_, low, training, scoring), (auc, _, our_training, our_scoring) = found.values()
        gains = np.array(
            [
                roc_auc(*our.part) - roc_auc(*their.part)
                for our, their in zip(ours, theirs, strict=True)
            ]
        )
        error = gains.std(ddof=1) / np.sqrt(len(gains))
        trained, scored = training / our_training, scoring / our_scoring
        console.print(
            f"ROC AUC, ours - theirs on the same folds: {gains.mean():+.4f}, standard error "
            f"{error:.4f}; ours within their interval or better: {_met(auc >= low)}"
        )
        console.print(
            f"trained {trained:.1f} times as fast (target > 1: {_met(trained > 1)})", end=""
        )
        console.print(
            f", scored {scored:,.0f} times (target >= {TIMES_AS_FAST}: "
            f"{_met(scored >= TIMES_AS_FAST)})"
        )

    def close(self) -> None:
        """End the processes; what hasn't started is dropped."""
        self._pool.shutdown(cancel_futures=True)


def _measure(kind: str, name: str, fold: int) -> FoldResult:
    data = _data(name)
    rows, held_out = list(folds(data.customers.churned))[fold]
    one = _ours if kind == "ours" else _theirs
    return one(data, rows, held_out)


_data = cache(data_set)


def _ours(data: DataSet, rows: np.ndarray, held_out: np.ndarray) -> FoldResult:
    contract, customers = data.contract, data.customers
    started = time.process_time()
    trained = train(contract, customers, rows, _quiet)
    taken = time.process_time() - started
    scorer = PartialScorer(trained, customers.features.iloc[held_out])
    scores = logistic(scorer.score(np.ones(len(contract.names), dtype=bool)).log_odds)
    scorecard = from_dict(write_down(contract, trained, "0.0.0", customers, rows))
    one_by_one = [record(contract, customers.features, int(row)) for row in held_out[:ROWS]]
    return FoldResult(
        (customers.churned[held_out], scores), taken, _microseconds(scorecard.log_odds, one_by_one)
    )


def _theirs(data: DataSet, rows: np.ndarray, held_out: np.ndarray) -> FoldResult:
    from interpret.glassbox import (  # noqa: PLC0415 - takes seconds, and only these processes
        ExplainableBoostingClassifier,
    )

    features, churned = data.customers.features, data.customers.churned
    estimator = ExplainableBoostingClassifier(n_jobs=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its pictures don't show missing values
        started = time.process_time()
        estimator.fit(features.iloc[rows], churned[rows])
        taken = time.process_time() - started
    scores = estimator.predict_proba(features.iloc[held_out])[:, 1]
    frames = [features.iloc[[row]] for row in held_out[:ROWS]]
    arrays = [frame.to_numpy(dtype=object) for frame in frames]
    best = min(_microseconds(estimator.predict_proba, one) for one in (frames, arrays))
    return FoldResult((churned[held_out], scores), taken, best)


def _microseconds(score: Callable[[Any], Any], customers: list[Any]) -> float:
    """Time one customer, the best round's mean."""
    rounds = []
    for _ in range(ROUNDS):
        started = time.process_time()
        for customer in customers:
            score(customer)
        rounds.append(time.process_time() - started)
    return min(rounds) / len(customers) * 1e6


def _quiet(_: str) -> None:
    """Take progress, and print nothing."""


def _met(met: bool) -> str:
    return "met" if met else "NOT MET"
