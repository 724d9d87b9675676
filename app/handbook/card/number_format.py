"""Formats numbers, and chooses round marks for an axis."""

from __future__ import annotations

from math import ceil, floor, log, log10


def ticks(low: float, high: float) -> list[float]:
    """Return about four round numbers from low to high, 1, 2 or 5 times a power of ten apart."""
    rough = (high - low) / 4
    power = 10.0 ** floor(log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    first, last = ceil(low / step), floor(high / step)
    return [round(i * step, 9) for i in range(first, last + 1)]


def odds_ticks(scale: float) -> list[tuple[float, str]]:
    """Return three to seven round factors of the odds: each in log-odds, and as text.

    Args:
        scale: half the axis, in log-odds.
    """
    base = next((base for base in (2.0, 1.2, 1.02) if log(base) <= scale), 1 + scale)
    step = ceil(scale / log(base) / 3)
    last = int(scale / log(base) / step)
    factors = [base ** (step * i) for i in range(-last, last + 1)]
    return [(log(factor), f"\N{MULTIPLICATION SIGN}{factor:.3g}") for factor in factors]


def number(value: float) -> str:
    """Write a number as short as possible, with separated thousands."""
    return f"{value:,.10g}"


def money(value: float) -> str:
    """Write an amount in three digits, with a real minus sign: more would say too much."""
    return number(float(f"{value:.3g}") + 0.0).replace("-", "\N{MINUS SIGN}")


def signed(value: float) -> str:
    """Write a number with its sign, and a real minus sign."""
    return "0" if value == 0 else f"{value:+.3g}".replace("-", "\N{MINUS SIGN}")
