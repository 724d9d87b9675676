"""Chooses the range of a slider for a feature's values."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log10

from model.features import Feature, Value
from model.scorecard import Scorecard


@dataclass(frozen=True)
class Slider:
    """The ends of a slider, and its step."""

    low: float
    high: float
    step: float


def slider(feature: Feature, value: Value, scorecard: Scorecard | None) -> Slider:
    """Return a slider over what the model tells apart, not over all that the contract allows.

    Args:
        feature: a number.
        value: the customer's, which the slider reaches; None if it isn't known.
        scorecard: its bins say where values differ.
    """
    least, most = feature.range or (0.0, 1.0)
    edges = [
        edge
        for term in (scorecard.terms if scorecard else ())
        for name, bins in zip(term.features, term.bins, strict=True)
        if name == feature.name
        for edge in bins.edges
    ]
    low, high = (min(edges), max(edges)) if edges else (least, most)
    if isinstance(value, int | float):
        low, high = min(low, value), max(high, value)
    unit = 10.0 ** floor(log10((high - low or 1.0) / 2))
    low = max(least, floor(low / unit) * unit)
    high = min(most, ceil(high / unit) * unit)
    return Slider(low, high, 1 if feature.type == "integer" else unit / 10)
