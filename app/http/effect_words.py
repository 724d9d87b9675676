"""Puts probabilities and effects into few words, the same on every page."""

from __future__ import annotations

from math import exp

TIMES = "\N{MULTIPLICATION SIGN}"


def percent(probability: float) -> str:
    """Write a probability without decimals; only what is certain would be 0% or 100%."""
    if probability < 0.01:
        return "under 1%"
    return "over 99%" if probability > 0.99 else f"{probability:.0%}"


def exact_percent(threshold: float) -> str:
    """Write the threshold of a policy, which has few decimals, with all of them."""
    return f"{100 * threshold:.6g}%"


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
