"""Numbers as readers see them: round marks of an axis, and numbers as text."""

from __future__ import annotations

from math import ceil, floor, log10


def ticks(low: float, high: float) -> list[float]:
    """About four round numbers (1, 2 or 5 times a power of ten apart) from low to high."""
    rough = (high - low) / 4
    power = 10.0 ** floor(log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    first, last = ceil(low / step), floor(high / step)
    return [round(i * step, 9) for i in range(first, last + 1)]


def number(value: float) -> str:
    """A number in as few characters as it needs, thousands parted."""
    return f"{value:,.10g}"


def signed(value: float) -> str:
    """A number with its sign, a real minus included."""
    return "0" if value == 0 else f"{value:+.3g}".replace("-", "\N{MINUS SIGN}")
