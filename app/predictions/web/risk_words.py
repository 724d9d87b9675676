"""Puts probabilities, effects and reasons into few words, for pages."""

from __future__ import annotations

from math import exp
from typing import Any

from app.predictions.reasons import words_of
from model.features import Contract

TIMES = "\N{MULTIPLICATION SIGN}"


def percent(probability: float) -> str:
    """Write a probability without decimals; only what is certain would be 0% or 100%."""
    if probability < 0.01:
        return "under 1%"
    return "over 99%" if probability > 0.99 else f"{probability:.0%}"


def odds(effect: float) -> str:
    """Write an effect in log-odds as the factor of the odds: `2.3 odds` after a times sign."""
    ratio = exp(min(effect, 700.0))
    if ratio < 0.01:
        return f"under {TIMES}0.01 odds"
    if ratio > 1000:
        return f"over {TIMES}1000 odds"
    return f"{TIMES}{ratio:.0f} odds" if ratio >= 9.95 else f"{TIMES}{ratio:#.2g} odds"


def log_odds(effect: float) -> str:
    """Write an effect with its sign: `+0.84`, with a real minus."""
    written = f"{effect:+.2f}"
    return "0.00" if float(written) == 0 else written.replace("-", "\N{MINUS SIGN}")


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
