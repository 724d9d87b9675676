"""Writes a trained scorecard as `scorecard.json`."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from model.bins import Bins
from model.features import Contract
from model.scorecard_file import FORMAT, from_dict
from model.training.trainer import Trained
from model.training.training_data import TrainingData, record

DECIMALS = 10
"""Of the points: few enough that another processor writes the same file, enough that all terms
together stay within 1e-9 of the estimator."""

FACTOR_DECIMALS = 6
"""Of the factors' numbers, which are fitted step by step and so vary more between processors."""

ABOUT = (
    "The log-odds of churn are the intercept plus one of the points of each term. A number is in "
    "bin i if edges[i-1] <= value < edges[i]; the first and last bins are open. Any other value "
    "is in the bin of its position in the list of values. The last of the points is for a missing "
    "value. A term of two features has a row of points for each bin of the first. Points compare "
    "with the average customer of the training data. Odds are exp(log-odds); the probability is "
    "odds / (1 + odds). A customer is flagged as churn at or above the policy's probability. A "
    "feature is unknown in a bin whose evidence is null, and its terms have no points. Then add "
    "up: evidence h and precision M of the known features (entries 11, 12 and 22; 1 is added to "
    "11 and 22), loadings e of the unknown ones, and the variances of all terms that lack a "
    "feature. The unknown terms are expected to add e' M^-1 h, with a variance v of e' M^-1 e "
    "plus that sum. With the mean m of all together the log-odds are (m + shift v) / sqrt(1 + "
    "spread v), in the range from m - 1.645 sqrt(v) to m + 1.645 sqrt(v)."
)


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
    names, tables, factors = contract.names, trained.tables, trained.factors
    bins = [_bins(b) for b in trained.bins]
    card: dict[str, Any] = {
        "format": FORMAT,
        "about": ABOUT,
        "version": version,
        "contract": contract.digest,
        "intercept": _rounded(tables.intercept),
        "policies": {"default": 0.5},
        "unknown": {"shift": _factor(factors.shift), "spread": _factor(factors.spread)},
        "terms": [
            *(
                {
                    "features": [name],
                    "bins": [bins[j]],
                    "points": _rounded(tables.singles[j]),
                    "evidence": [
                        _factor(vector) if known else None
                        for vector, known in zip(factors.evidence[j], trained.known[j], strict=True)
                    ],
                    "precision": _factor(factors.precision[j][[0, 0, 1], [0, 1, 1]]),
                    "loadings": _factor(factors.loadings[j]),
                    "variance": _factor(factors.variances[j]),
                }
                for j, name in enumerate(names)
            ),
            *(
                {
                    "features": [names[one], names[other]],
                    "bins": [bins[one], bins[other]],
                    "points": _rounded(table),
                    "variance": _factor(variance),
                }
                for ((one, other), table), variance in zip(
                    tables.pairs.items(), factors.variances[len(names) :], strict=True
                )
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
    others = {
        key: value for key, value in term.items() if key not in ("features", "bins", "points")
    }
    return (
        f'    {{"features": {json.dumps(term["features"])},\n'
        f'     "bins": [{bins}],\n'
        f'     "points": {table},\n     '
        + ",\n     ".join(
            f"{json.dumps(key)}: {json.dumps(value)}" for key, value in others.items()
        )
        + "}"
    )


def _bins(bins: Bins) -> dict[str, Any]:
    return {"values": list(bins.values)} if bins.values else {"edges": list(bins.edges)}


def _rounded(points: Any) -> Any:
    return (np.round(points, DECIMALS) + 0.0).tolist()  # + 0.0: no minus zero


def _factor(numbers: Any) -> Any:
    return (np.round(numbers, FACTOR_DECIMALS) + 0.0).tolist()
