"""Puts counts and places in the base into words, from the distribution of the scores."""

from __future__ import annotations

from math import log

from app.customers.store.score_distribution import ScoreDistribution

FEWEST = 20
"""Customers of the smallest base in which a place says something."""

_ROUNDING = 1e-9
"""Log-odds that a probability may gain on its way back: nobody is above their own place."""

_SHARES = ((0.999, "999 of 1,000"), (0.99, "99 of 100"), (0.95, "19 of 20"))
_TENTHS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def place(distribution: ScoreDistribution | None, churn: float) -> str:
    """Say where a probability is in the base: `higher than nine of ten customers`, or nothing."""
    if distribution is None or distribution.customers < FEWEST:
        return ""
    share = distribution.share_below(_log_odds(churn))
    for least, words in _SHARES:
        if share >= least:
            return f"higher than {words} customers"
    tenths = int(share * 10)
    if tenths == 0:
        return "among the lowest tenth of the customers"
    return f"higher than {_TENTHS[tenths - 1]} of ten customers"


def number_at_least(distribution: ScoreDistribution, threshold: float) -> str:
    """Say how many customers are at or above a probability: `63`, `about 1,900`."""
    number = distribution.at_least(_log_odds(threshold))
    if distribution.exact or number < 10:
        return f"{number:,}"
    digits = len(str(number)) - 2
    return f"about {round(number, -digits):,}"


def _log_odds(churn: float) -> float:
    if churn <= 0:
        return float("-inf")
    return log(churn / (1 - churn)) - _ROUNDING if churn < 1 else float("inf")
