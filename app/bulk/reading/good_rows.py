"""Puts the good rows of checked columns together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from app.bulk.reading.checked_customers import CheckedCustomers
from app.bulk.reading.feature_decoding import Decoded
from app.customers.files.header_matching import HeaderRules
from model.columnar.coded_columns import nothing_known


def any_bad(columns: Sequence[NDArray[np.bool_] | None]) -> NDArray[np.bool_] | None:
    """Return which rows are bad in any column; None if no row is."""
    wrong = [bad for bad in columns if bad is not None]
    return np.logical_or.reduce(wrong) if wrong else None


def good_rows(
    rules: HeaderRules,
    ids: pa.StringArray,
    features: Mapping[str, Decoded],
    kept: Sequence[pa.Array],
    bad: NDArray[np.bool_] | None,
) -> CheckedCustomers:
    """Return the customers of the rows that aren't bad, without rejects.

    Args:
        rules: name all features and the kept columns.
        ids: of all rows, as the other columns.
        features: those that the file has.
        kept: in the order of the rules.
        bad: rows to leave out.
    """
    coded = {name: column.values for name, column in features.items()}
    if bad is not None:
        good = ~bad
        ids, *kept = [column.filter(pa.array(good)) for column in (ids, *kept)]
        coded = {name: values[good] for name, values in coded.items()}
    for feature in rules.contract.features:
        if feature.name not in coded:
            coded[feature.name] = nothing_known(feature, len(ids))
    return CheckedCustomers(ids, coded, dict(zip(rules.keep, kept, strict=True)))
