"""Makes arrays of rows that the one reader of customers' files has checked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from app.bulk.reading.checked_customers import CheckedCustomers
from app.customers.files.file_row import FileRow
from app.customers.files.header_matching import HeaderRules
from model.columnar.coded_columns import CODE, listed_values
from model.features import Feature

ROWS = 8192
"""Rows of a piece: enough for numpy, few as Python objects."""


def row_pieces(
    rows: Iterator[FileRow], rules: HeaderRules
) -> Iterator[Callable[[], CheckedCustomers]]:
    """Yield pieces of the rows of a file."""
    while some := list(islice(rows, ROWS)):
        yield partial(checked_rows, some, rules)


def all_checked(rows: Iterator[FileRow], rules: HeaderRules) -> CheckedCustomers:
    """Make arrays of all rows, of which few are in memory as Python objects at once."""
    parts = [piece() for piece in row_pieces(rows, rules)] or [checked_rows([], rules)]
    names = rules.contract.names
    return CheckedCustomers(
        pa.concat_arrays([part.ids for part in parts]),
        {name: np.concatenate([part.features[name] for part in parts]) for name in names},
        {name: pa.concat_arrays([part.kept[name] for part in parts]) for name in rules.keep},
        tuple(row for part in parts for row in part.rejects),
    )


def checked_rows(rows: Sequence[FileRow], rules: HeaderRules) -> CheckedCustomers:
    """Make arrays of checked rows."""
    good = [row for row in rows if row.features is not None]
    features = [row.features or {} for row in good]
    return CheckedCustomers(
        pa.array([row.id for row in good], pa.string()),
        {
            f.name: _coded(f, [known.get(f.name) for known in features])
            for f in rules.contract.features
        },
        {
            name: pa.array([_text(row.kept[at]) for row in good], pa.string())
            for at, name in enumerate(rules.keep)
        },
        tuple(row for row in rows if row.features is None),
    )


def _coded(feature: Feature, values: list[Any]) -> NDArray[Any]:
    if listed := listed_values(feature):
        places = {value: place for place, value in enumerate((*listed, None))}
        return np.array([places[value] for value in values], CODE)
    return np.array(values, np.float64)  # None becomes NaN


def _text(value: Any) -> str | None:
    """Write a value of a JSON file as text, which has no type in common with the others."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value)
