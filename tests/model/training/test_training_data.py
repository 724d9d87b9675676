"""Labelled customers are read strictly, and binned the same in training and in service."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.feature_file import load_contract
from model.features import Contract, Feature
from model.training.binning import MAX_BINS, encode, fit_bins
from model.training.training_data import DataError, load, read_csv

FEE = Feature("fee", "Fee", "number", "A fee.", 1.0, minimum=-1e9, maximum=1e9)
TINY = """\
features:
  fee: {label: Fee, type: number, minimum: 0, maximum: 9, description: A fee., example: 1}
  vip: {label: Vip, type: boolean, description: Whether VIP., example: true}
"""


@pytest.fixture
def tiny(tmp_path: Path) -> Contract:
    (tmp_path / "features.yaml").write_text(TINY)
    return load_contract(tmp_path / "features.yaml")


def write(path: Path, *lines: str, header: str = "fee,vip,churn") -> Path:
    path.write_text("\n".join([header, *lines, ""]))
    return path


def test_a_file_of_customers_is_read(tiny: Contract, tmp_path: Path) -> None:
    rows = ["1.5,yes,No", ",0,yes"] * 100
    customers = load(tiny, write(tmp_path / "c.csv", *rows))
    assert customers.features["fee"].isna().sum() == 100
    assert customers.features["vip"].tolist()[:2] == [True, False]
    assert customers.churned.tolist()[:2] == [False, True]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        pytest.param(["1,yes,no", "10,yes,no"], r"c\.csv:3: fee: Give a number from 0", id="range"),
        pytest.param(["1,perhaps,no"], r"c\.csv:2: vip: Give true or false", id="boolean"),
        pytest.param(["1,yes,maybe"], r"c\.csv:2: churn: give yes or no", id="outcome"),
        pytest.param(["1,yes"], r"c\.csv:2: 2 cells, not 3", id="short row"),
        pytest.param(["", "1,yes,no"], r"c\.csv:2: 0 cells, not 3", id="blank line"),
        pytest.param(['"1,yes,no'], r"c\.csv:\d: ", id="open quote"),
        pytest.param(["1,yes,no"] * 200, "fewer than 100 customers of one", id="one outcome"),
        pytest.param([], "no customers below", id="empty"),
    ],
)
def test_a_fault_in_a_file_is_named(
    tiny: Contract, tmp_path: Path, lines: list[str], said: str
) -> None:
    """File, line and column."""
    with pytest.raises(DataError, match=said):
        load(tiny, write(tmp_path / "c.csv", *lines))


@pytest.mark.parametrize(
    ("header", "said"),
    [("fee,vip", "no column churn"), ("fee,fee,churn", "each column once"), ("", "a header")],
    ids=["missing", "twice", "none"],
)
def test_a_fault_in_the_header_is_named(
    tiny: Contract, tmp_path: Path, header: str, said: str
) -> None:
    cells = ",".join("1" * len(header.split(",")))
    with pytest.raises(DataError, match=said):
        load(tiny, write(tmp_path / "c.csv", cells, header=header))


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_bytes(b"fee,churn\n\xff\xfe,yes\n")
    with pytest.raises(DataError, match=r"c\.csv"):
        read_csv(path)


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
