"""Customers' features as arrays, checked against the contract.

A category or a yes-or-no is an array of places in the list of its values; the place after the last
is for an unknown value. A number is an array of doubles; NaN is for an unknown value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from model.features import Feature, Value

CodedColumns: TypeAlias = Mapping[str, NDArray[Any]]
"""One array for each feature of the contract, all of one length."""

CODE = np.int16
"""The type of places."""


def listed_values(feature: Feature) -> tuple[Value, ...]:
    """Return the values that places stand for; none for a feature that is a number."""
    return (False, True) if feature.type == "boolean" else feature.values


def nothing_known(feature: Feature, rows: int) -> NDArray[Any]:
    """Return the column of a feature that a file doesn't have."""
    if values := listed_values(feature):
        return np.full(rows, len(values), CODE)
    return np.full(rows, np.nan)
