"""Measures what calling customers brings, per customer of all that are measured.

Expected maximum profit is that of Verbraken, Verbeke and Baesens (2013), A novel profit maximizing
metric for measuring classification performance of customer churn prediction models, IEEE
Transactions on Knowledge and Data Engineering 25 (5), 961-973. The chance that the offer keeps a
leaver is a Beta distribution, and the threshold is the best one for each chance. So the measure is
an integral over the chance, along the convex hull of the ROC curve.

Each segment of the hull is a group of customers with the same share of leavers. These groups are
the blocks of the isotonic regression of the outcomes on the scores (Fawcett and Niculescu-Mizil
2007, PAV and the ROC convex hull). A group is called if the chance reaches the group's break-even
chance. So the integral is a sum over groups of what each brings at the chances above its own; the
regularised incomplete beta function says how likely they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from scipy.optimize import isotonic_regression  # type: ignore[import-untyped]
from scipy.special import betainc  # type: ignore[import-untyped]

from model.economics import Economics
from model.scorecard import VALUE


def profit_measures(
    economics: Economics, policies: Mapping[str, float]
) -> dict[str, Callable[[np.ndarray, np.ndarray], float]]:
    """Return the measures of profit by their names in the model card."""

    def emp(churned: np.ndarray, scores: np.ndarray) -> float:
        return expected_maximum_profit(churned, scores, economics)[0]

    def fraction(churned: np.ndarray, scores: np.ndarray) -> float:
        return expected_maximum_profit(churned, scores, economics)[1]

    def value(churned: np.ndarray, scores: np.ndarray) -> float:
        return profit(churned, scores >= policies[VALUE], economics)

    return {"expected_maximum_profit": emp, "emp_fraction": fraction, f"profit_{VALUE}": value}


def profit(churned: np.ndarray, flagged: np.ndarray, economics: Economics) -> float:
    """Return the profit per customer if the flagged are called, at the mean chance."""
    left = int((churned & flagged).sum())
    stayed = int(flagged.sum()) - left
    return (left * economics.leaver + stayed * economics.stayer) / len(churned)


def profits(churned: np.ndarray, flagged: np.ndarray, economics: Economics) -> np.ndarray:
    """Return each customer's expected profit if the flagged are called; outcomes are known."""
    return np.where(flagged, np.where(churned, economics.leaver, economics.stayer), 0.0)


def expected_maximum_profit(
    churned: np.ndarray, scores: np.ndarray, economics: Economics
) -> tuple[float, float]:
    """Return the expected maximum profit per customer, and the expected share to call.

    If the chance is a number, it is the maximum profit and the share that brings it.

    Args:
        churned: outcomes.
        scores: anything that rises with the probability.
        economics: costs, value and chance.
    """
    shares, leavers = _groups(churned, scores)
    contact, offer = economics.contact_cost, economics.offer_cost
    kept = leavers * (economics.customer_value - offer)
    cost = contact + (1 - leavers) * offer
    with np.errstate(divide="ignore"):
        break_even = np.minimum(cost / kept, 1.0)
    if isinstance(economics.chance_kept, tuple):
        alpha, beta = economics.chance_kept
        called = 1 - betainc(alpha, beta, break_even)
        mean = economics.mean_chance * (1 - betainc(alpha + 1, beta, break_even))
    else:
        called = (kept * economics.chance_kept > cost).astype(float)
        mean = economics.chance_kept * called
    return float(shares @ (kept * mean - cost * called)), float(shares @ called)


def _groups(churned: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the share of customers in each segment of the hull, and that of leavers within it."""
    values, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    left = np.bincount(place, churned, len(values))
    found = isotonic_regression(left / counts, weights=counts)
    return found.weights / len(scores), found.x[found.blocks[:-1]]
