"""Measures a scorecard on the test part: every figure that follows from its probabilities alone.

`churn model release` takes the probabilities from the scorecard, `churn model verify` from the
service that runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from model.economics import Economics
from model.features import Contract
from model.training.evaluation import Part, calibration, curve, distributions, fairness, metric
from model.training.profit_measures import profit
from model.training.quality_measures import Measure, measures


def figures_of_test_part(
    contract: Contract,
    factors: Sequence[str],
    features: pd.DataFrame,
    test: Part,
    policies: Mapping[str, float],
    *,
    economics: Economics | None = None,
) -> dict[str, Any]:
    """Return the figures of the test part, as `evaluation.json` states them.

    Args:
        contract: the features.
        factors: features whose values are compared for fairness.
        features: the customers', in the order of `test`.
        test: outcomes and probabilities.
        policies: their thresholds.
        economics: what a call costs and can bring; without them there are no figures of profit.
    """
    named = measures(policies, economics)
    return {
        "metrics": [metric(name, measure, [test]) for name, measure in named.items()],
        "performance": performance(named, test),
        "calibration": calibration(test),
        "curve": [
            row | _profit(row["threshold"], test, economics)
            for row in curve(test, policies.values())
        ],
        "distributions": distributions(contract, factors, features, test),
        "fairness": fairness(contract, factors, features, test, policies["default"]),
    }


def _profit(threshold: float, part: Part, economics: Economics | None) -> dict[str, float]:
    if economics is None:
        return {}
    churned, scores = part
    return {"profit": round(profit(churned, scores >= threshold, economics), 4)}


def performance(named: Mapping[str, Measure], part: Part) -> dict[str, float]:
    """Return each measure of a part by its name, without an interval."""
    return {name: round(float(measure(*part)), 4) for name, measure in named.items()}
