"""Names every leaf of a card, an evaluation or a scorecard, and compares two of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, TypeGuard

Leaf = str | int | float | bool | date | None

_IDENTITY = ("factor", "feature", "metric", "measure", "group", "part", "known", "file", "policy")
"""What tells the items of a list apart: those keys that they have."""


def leaves(document: Any, name: str = "") -> Iterator[tuple[str, Leaf]]:
    """Yield each leaf with its name, such as `metrics.roc_auc.value`.

    An item of a list is named by what identifies it, such as its metric, or by its number.
    """
    if isinstance(document, dict):
        for key, value in document.items():
            yield from leaves(value, f"{name}.{key}" if name else str(key))
    elif isinstance(document, list):
        for key, value in zip(_names(document), document, strict=True):
            yield from leaves(value, f"{name}.{key}" if name else key)
    else:
        yield name, document


def differences(
    found: Mapping[str, Leaf], expected: Mapping[str, Leaf], other: str, tolerance: float = 0.0
) -> Iterator[str]:
    """Say of each leaf in which two documents differ: its name and both values.

    Args:
        found: leaves by name of what is checked.
        expected: those that it should have.
        other: where the expected ones come from, such as a file's name.
        tolerance: by which two numbers may differ.
    """
    for name in [*expected, *(name for name in found if name not in expected)]:
        if name not in expected:
            yield f"{name}: {found[name]!r}, which {other} doesn't have"
        elif name not in found:
            yield f"{name}: missing, but {other} has {expected[name]!r}"
        elif not _same(found[name], expected[name], tolerance):
            yield f"{name}: {found[name]!r}, but {other} has {expected[name]!r}"


def is_number(leaf: Leaf) -> TypeGuard[float]:
    """Whether a leaf is a number, and not a yes or no."""
    return type(leaf) in (int, float)


def _same(one: Leaf, other: Leaf, tolerance: float) -> bool:
    if is_number(one) and is_number(other):
        return one == other or abs(one - other) <= tolerance
    return type(one) is type(other) and one == other


def _names(items: list[Any]) -> list[str]:
    """Name each item of a list: by its identity if all have one, else by its number."""
    named = [_identity(item) for item in items]
    if not all(named):
        return [str(number) for number in range(len(items))]
    counts = Counter[str]()
    for number, name in enumerate(named):
        counts[name] += 1
        if counts[name] > 1:
            named[number] = f"{name} ({counts[name]})"
    return named


def _identity(item: Any) -> str:
    if not isinstance(item, dict):
        return ""
    if found := [str(item[key]) for key in _IDENTITY if key in item]:
        return " ".join(found)
    return str(item["threshold"]) if "threshold" in item else ""
