"""Customers are binned the same in training and in service."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from model.features import Contract, Feature
from model.training.binning import MAX_BINS, encode, fit_bins

FEE = Feature("fee", "Fee", "number", "A fee.", 1.0, minimum=-1e9, maximum=1e9)


@given(st.lists(st.floats(-1e6, 1e6) | st.none(), min_size=1, max_size=200), st.data())
def test_a_value_falls_into_the_same_bin_in_training_and_in_service(
    values: list[float | None], data: Any
) -> None:
    """numpy's bins in training equal those of the scorecard's bisection."""
    contract = Contract((FEE,), "")
    bins = fit_bins(contract, pd.DataFrame({"fee": pd.Series(values, dtype=float)}))
    seen = data.draw(st.lists(st.floats(-2e6, 2e6) | st.sampled_from(values), min_size=1))
    frame = pd.DataFrame({"fee": pd.Series(seen, dtype=float)})
    codes = encode(bins, frame)[:, 0]
    missing = bins[0].size - 1
    index = bins[0].indexer()
    assert len(bins[0].edges) < MAX_BINS
    assert [index(v) for v in seen] == np.where(np.isnan(codes), missing, codes).tolist()
