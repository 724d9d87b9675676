"""Trains the model and writes it as a scorecard."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from model.features import Contract
from model.bins import Bins
from model.scorecard_file import FORMAT, from_dict
from model.training.binning import encode, fit_bins
from model.training.booster import Pair, fit, monotone_signs, one_thread
from model.training.pair_selection import Choice, Progress, choose, make_folds, rank_pairs
from model.training.scorecard_extraction import Tables, positions
from model.training.training_data import TrainingData, record

DECIMALS = 10
"""Of the points: few enough that another processor writes the same file, enough that all terms
together stay within 1e-9 of the estimator."""

ABOUT = (
    "The log-odds of churn are the intercept plus one of the points of each term. A number is in "
    "bin i if edges[i-1] <= value < edges[i]; the first and last bins are open. Any other value is "
    "in the bin of its position in the list of values. The last of the points is for an unknown "
    "value. A term of two features has a row of points for each bin of the first. Points compare "
    "with the average customer of the training data. Odds are exp(log-odds); the probability is "
    "odds / (1 + odds). A customer is flagged as churn at or above the policy's probability."
)


@dataclass(frozen=True)
class Trained:
    """A fitted estimator and what writing the scorecard needs.

    Attributes:
        estimator: over bin numbers.
        bins: of each feature, in the contract's order.
        tables: the estimator's points.
        choice: the result of cross-validation.
        counts: training rows in each bin of each feature, the last for missing.
    """

    estimator: HistGradientBoostingClassifier
    bins: tuple[Bins, ...]
    tables: Tables
    choice: Choice
    counts: tuple[tuple[int, ...], ...]


def train(
    contract: Contract, customers: TrainingData, rows: np.ndarray, progress: Progress
) -> Trained:
    """Train on these rows alone."""
    features = customers.features.iloc[rows].reset_index(drop=True)
    churned = customers.churned[rows]
    with one_thread():
        choice = choose(make_folds(contract, features, churned), progress)
        progress("fitting")
        bins = fit_bins(contract, features)
        codes = encode(bins, features)
        pairs: list[Pair] = []
        if choice.pairs:
            pairs = rank_pairs(bins, codes, churned, choice.setting)[: choice.pairs]
        estimator = fit(codes, churned, choice.setting, pairs, monotone_signs(contract))
        tables = Tables(estimator.decision_function, bins, pairs, codes)
    at = positions(codes, bins)
    counts = tuple(
        tuple(np.bincount(at[:, j], minlength=b.size).tolist()) for j, b in enumerate(bins)
    )
    return Trained(estimator, bins, tables, choice, counts)


def write_down(
    contract: Contract, trained: Trained, version: str, customers: TrainingData, rows: np.ndarray
) -> dict[str, Any]:
    """Return the content of `scorecard.json`, with policies at 0.5 until they are chosen.

    Args:
        contract: names the features.
        trained: the points.
        version: of the release.
        customers: from which the self-test is taken.
        rows: of the training set.
    """
    names, tables, bins = contract.names, trained.tables, [_bins(b) for b in trained.bins]
    card: dict[str, Any] = {
        "format": FORMAT,
        "about": ABOUT,
        "version": version,
        "contract": contract.digest,
        "intercept": _rounded(tables.intercept),
        "policies": {"default": 0.5},
        "terms": [
            *(
                {"features": [name], "bins": [bins[j]], "points": _rounded(tables.singles[j])}
                for j, name in enumerate(names)
            ),
            *(
                {
                    "features": [names[one], names[other]],
                    "bins": [bins[one], bins[other]],
                    "points": _rounded(table),
                }
                for (one, other), table in tables.pairs.items()
            ),
        ],
        "selftest": [{"features": {}, "log_odds": 0.0}],
    }
    scorecard = from_dict(card)
    known = [record(contract, customers.features, int(row)) for row in rows]
    by_score = sorted(known, key=scorecard.log_odds)
    spread = [by_score[int(i)] for i in np.linspace(0, len(by_score) - 1, 5)]
    incomplete = [customer for customer in known if None in customer.values()][:1]
    nothing: dict[str, Any] = {}
    card["selftest"] = [
        {"features": customer, "log_odds": scorecard.log_odds(customer)}
        for customer in (nothing, contract.example(), *spread, *incomplete)
    ]
    return card


def dumps(card: dict[str, Any]) -> str:
    """Write the file with a few lines for each term, so that a diff shows which term changed."""
    lines = []
    for key, value in card.items():
        if key == "terms":
            text = "[\n" + ",\n".join(map(_term, value)) + "\n  ]"
        elif key == "selftest":
            text = "[\n" + ",\n".join(f"    {json.dumps(c)}" for c in value) + "\n  ]"
        else:
            text = json.dumps(value)
        lines.append(f'  "{key}": {text}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _term(term: dict[str, Any]) -> str:
    points = term["points"]
    rows = ",\n      ".join(map(json.dumps, points))
    table = f"[\n      {rows}]" if isinstance(points[0], list) else json.dumps(points)
    bins = ",\n      ".join(map(json.dumps, term["bins"]))
    return (
        f'    {{"features": {json.dumps(term["features"])},\n'
        f'     "bins": [{bins}],\n'
        f'     "points": {table}}}'
    )


def _bins(bins: Bins) -> dict[str, Any]:
    return {"values": list(bins.values)} if bins.values else {"edges": list(bins.edges)}


def _rounded(points: Any) -> Any:
    return (np.round(points, DECIMALS) + 0.0).tolist()  # + 0.0: no minus zero
