"""Formats numbers, and chooses round marks for an axis."""

from __future__ import annotations

from math import ceil, floor, log10


def ticks(low: float, high: float) -> list[float]:
    """Return about four round numbers from low to high, 1, 2 or 5 times a power of ten apart."""
    rough = (high - low) / 4
    power = 10.0 ** floor(log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    first, last = ceil(low / step), floor(high / step)
    return [round(i * step, 9) for i in range(first, last + 1)]


def number(value: float) -> str:
    """Write a number as short as possible, with separated thousands."""
    return f"{value:,.10g}"


def signed(value: float) -> str:
    """Write a number with its sign, and a real minus sign."""
    return "0" if value == 0 else f"{value:+.3g}".replace("-", "\N{MINUS SIGN}")
