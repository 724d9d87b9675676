"""Puts counts and places in the base into words, from the distribution of the scores."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.customers.store.score_distribution import ScoreDistribution

FEWEST = 20
"""Customers of the smallest base in which a place says something."""

_ROUNDING = 1e-9
"""Log-odds that a probability may gain or lose on its way back: nobody passes their own place."""

_SHARES = ((0.999, "999 of 1,000"), (0.99, "99 of 100"), (0.95, "19 of 20"))
_TENTHS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def place(distribution: ScoreDistribution | None, churn: float) -> str:
    """Say where a probability is in the base: `higher than nine of ten customers`, or nothing."""
    if distribution is None or distribution.customers < FEWEST:
        return ""
    score = _log_odds(churn)
    below = distribution.share_below(score - _ROUNDING)
    above = 1 - distribution.share_below(score + _ROUNDING)
    share, words = max((below, "higher"), (above, "lower"))
    if share < 0.1:
        return "like nearly all customers"
    many = next((many for least, many in _SHARES if share >= least), "")
    return f"{words} than {many or f'{_TENTHS[int(share * 10) - 1]} of ten'} customers"


def number_at_least(distribution: ScoreDistribution, threshold: float) -> str:
    """Say how many customers are at or above a probability: `63`, `about 1,900`."""
    number = distribution.at_least(_log_odds(threshold) - _ROUNDING)
    if distribution.exact or number < 10:
        return f"{number:,}"
    digits = len(str(number)) - 2
    return f"about {round(number, -digits):,}"


def _log_odds(churn: float) -> float:
    if churn <= 0:
        return float("-inf")
    return log(churn / (1 - churn)) if churn < 1 else float("inf")
