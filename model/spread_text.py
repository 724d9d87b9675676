"""Fills figures of repeated cross-validation into the text that explains them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

KEY = "why_parts_differ"
"""Of the card's prose: a text with names in braces."""

NAMES = (
    *("repeats", "folds", "mean", "standard_deviation", "customers", "low", "high"),
    *("test", "test_place", "validation", "validation_place"),
)
_BRACES = re.compile(r"\{(\w+)\}")


def fault(prose: Mapping[str, Any]) -> str:
    """Say what is wrong with the text, or nothing."""
    text = prose.get(KEY, "")
    if not isinstance(text, str):
        return f"{KEY}: give a text"
    for name in _BRACES.findall(text):
        if name not in NAMES:
            return f"{KEY}: there is no figure {name}: name one of {', '.join(NAMES)}"
    return ""


def filled(text: str, found: Mapping[str, Any]) -> str:
    """Return the text with its figures.

    Args:
        text: without a fault.
        found: from `repeated_validation.spread`.
    """
    figures = {**found, **found["samples_of"]}
    figures |= {part + "_place": _place(found[part], figures) for part in ("test", "validation")}
    return _BRACES.sub(lambda match: _written(figures[match[1]]), text)


def _place(value: float, figures: Mapping[str, Any]) -> str:
    if value < figures["low"]:
        return "below this range"
    return "above this range" if value > figures["high"] else "inside this range"


def _written(figure: Any) -> str:
    return (
        f"{figure:.3f}"
        if isinstance(figure, float)
        else f"{figure:,}"
        if isinstance(figure, int)
        else figure
    )
