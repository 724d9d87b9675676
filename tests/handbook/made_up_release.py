"""A release of a model made up for the pages' tests; the numbers mean nothing."""

from __future__ import annotations

import copy
import hashlib
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from model.economics import Economics

FEATURES = {
    "tenure": SimpleNamespace(
        name="tenure", label="tenure", type="integer", unit="months", example=12
    ),
    "contract": SimpleNamespace(
        name="contract",
        label="Contract",
        type="category",
        unit=None,
        values=("Month-to-month", "Two year"),
        example="Month-to-month",
    ),
    "partner": SimpleNamespace(name="partner", label="Has a partner", unit=None, example=True),
}

CARD: dict[str, Any] = {
    "name": "Churn of telecom customers",
    "version": "1.0.0",
    "date": "2026-11-20",
    "description": "Ranks customers by how likely they are to leave, with the reasons.",
    "intended_use": {
        "primary_uses": ["Find customers at risk for a retention campaign", "Rank them"],
        "primary_users": ["Customer success", "Marketing", "Analysts"],
        "out_of_scope": ["Credit decisions", "Ending a contract automatically"],
    },
    "factors": {"relevant_factors": ["tenure", "contract"], "evaluation_factors": ["partner"]},
    "metrics": {
        "model_performance": [
            {"metric": "roc_auc", "value": 0.5, "interval": [0.4, 0.6], "threshold": 0.3},
            {"metric": "log_loss", "value": 0.25},
            {"metric": "customers", "value": 7043},
        ],
        "decision_thresholds": {"default": 0.5, "high_precision": 0.7, "high_recall": 0.3},
    },
    "fairness": {
        "by_group": [
            {"group": "partner", "size": 100, "roc_auc": 0.5},
            {"group": "no partner", "size": 120, "roc_auc": 0.5},
        ]
    },
    "training_data": {
        "dataset": {"name": "made up", "size": 3, "time_period": None, "source": "here"},
        "preprocessing": ["none"],
    },
    "repeated_cross_validation": {"why_parts_differ": "Chance: validation lies outside."},
    "caveats_and_recommendations": ["Degrades with time: retrain each quarter"],
    "artifacts": [
        {"file": "scorecard.json", "sha256": ""},
        {"file": "evaluation.json", "sha256": ""},
    ],
}


EVALUATION: dict[str, Any] = {
    "calibration": [
        {"customers": 10, "predicted": 0.1, "observed": 0.2},
        {"customers": 10, "predicted": 0.5, "observed": 0.5},
    ],
    "curve": [
        {"threshold": 0.1, "flagged": 0.8, "precision": 0.25, "recall": 1.0, "profit": 1.5},
        {"threshold": 0.3, "flagged": 0.5, "precision": 0.3, "recall": 0.75, "profit": 2.2546},
        {"threshold": 0.5, "flagged": 0.2, "precision": 0.5, "recall": 0.5, "profit": 1.0},
        {"threshold": 0.7, "flagged": 0.1, "precision": 0.75, "recall": 0.375, "profit": 0.5},
        {"threshold": 0.9, "flagged": 0.0, "precision": None, "recall": 0.0, "profit": 0.0},
    ],
    "distributions": [
        {"group": "All customers", "stayed": [6, 2, 0, 0], "left": [0, 1, 1, 0]},
        {"group": "Partner: yes", "stayed": [2, 2, 0, 0], "left": [0, 0, 1, 0]},
    ],
    "training_rows_by_bin": {"tenure": [10, 20, 30, 40, 0], "contract": [60, 30, 10, 0]},
    "sizes": {"test": 10},
    "economics": {
        "currency": "EUR",
        "break_even": 0.16418,
        "value": 0.165,
        "best": 0.171,
        "gain": 0.01,
        "standard_error": 0.02,
    },
    "calibration_out_of_fold": {
        "customers": 20,
        "groups": [
            {"customers": 10, "predicted": 0.1, "observed": 0.1},
            {"customers": 10, "predicted": 0.5, "observed": 0.6},
        ],
        "brier_score": {"metric": "brier_score", "value": 0.125, "interval": [0.1, 0.15]},
        "calibration_error": {"metric": "calibration_error", "value": 0.05, "interval": [0, 0.1]},
        "recalibration": {
            "slope": 1.02,
            "intercept": 0.01,
            "log_loss_gain": 0.00002,
            "standard_error": 0.0003,
            "kept": False,
        },
    },
    "repeated_cross_validation": {
        "repeats": 3,
        "folds": 5,
        "mean": 0.85,
        "standard_deviation": 0.01,
        "of_repeats": [0.849, 0.85, 0.851],
        "samples_of": {"customers": 1056, "low": 0.826, "high": 0.874},
        "test": 0.863,
        "validation": 0.825,
    },
    "fairness_gaps": [
        {
            "factor": "partner",
            "label": "Has a partner",
            "metric": "recall",
            "lowest": {"group": "Partner: no", "value": 0.25},
            "highest": {"group": "Partner: yes", "value": 0.5},
            "gap": 0.25,
            "limit": 0.2,
            "exception": {
                "owner": "Machine learning team",
                "reason": "Too few customers to say",
                "expires": "2027-02-28",
            },
        }
    ],
}


ECONOMICS = Economics("EUR", 1.0, 10.0, 200.0, (6.0, 14.0), b"")


def bins(edges: tuple[float, ...] = (), values: tuple[Any, ...] = ()) -> SimpleNamespace:
    return SimpleNamespace(edges=edges, values=values)


TERMS = (
    SimpleNamespace(
        features=("tenure",), bins=(bins((2.5, 12.0, 48.0)),), points=[1.0, 0.5, -0.25, -1.5, 0.0]
    ),
    SimpleNamespace(
        features=("contract",),
        bins=(bins(values=("Month-to-month", "One year", "Two year")),),
        points=[0.75, -0.5, -1.25, 0.0],
    ),
    SimpleNamespace(
        features=("tenure", "partner"),
        bins=(bins((12.0,)), bins(values=(False, True))),
        points=[[0.125, -0.25, 0.0], [0.0, 0.5, 0.0], [0.0, 0.0, 0.0]],
    ),
)


def make(folder: Path) -> SimpleNamespace:
    """A release whose files lie under `folder`, with their digests in its card."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "evaluation.json").write_text(json.dumps(EVALUATION))
    (folder / "scorecard.json").write_text("{}")
    card = copy.deepcopy(CARD)
    for item in card["artifacts"]:
        item["sha256"] = hashlib.sha256((folder / item["file"]).read_bytes()).hexdigest()
    return SimpleNamespace(
        version="1.0.0",
        path=folder,
        scorecard=SimpleNamespace(intercept=-1.25, terms=TERMS, policies={"default": 0.5}),
        contract=SimpleNamespace(by_name=FEATURES, required=("tenure", "contract")),
        card=card,
        evaluation=EVALUATION,
        economics=ECONOMICS,
        approval=None,
        digests={item["file"]: item["sha256"] for item in card["artifacts"]},
    )
