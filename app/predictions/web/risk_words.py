"""Puts probabilities, effects and reasons into few words, for pages."""

from __future__ import annotations

from typing import Any

from app.http.effect_words import TIMES, exact_percent, log_odds, odds, percent
from app.predictions.reasons import words_of
from model.features import Contract

__all__ = ["TIMES", "exact_percent", "log_odds", "odds", "percent", "short_reason"]


def short_reason(reason: dict[str, Any], contract: Contract) -> str:
    """Name what a reason of an answer is about: `Month-to-month contract`.

    Args:
        reason: one of an answer's `reasons`.
        contract: of the release that scored.
    """
    names = [reason["feature"]]
    values = [reason["value"]]
    if names[0] not in contract.by_name:
        names, values = names[0].split(" x "), reason["value"]
    words = [words_of(contract.by_name[n])(v) for n, v in zip(names, values, strict=True)]
    return " and ".join(words)
