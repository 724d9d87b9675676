"""Customers to train on are read like all others, but a bad one ends the command."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.cli.labelled_customers import read_labelled
from model.training.training_data import TrainingData

TINY = """\
features:
  fee: {label: Fee, type: number, minimum: 0, maximum: 9, description: A fee., example: 1}
  vip: {label: Vip, type: boolean, description: Whether VIP., example: true}
"""


def read(folder: Path, *lines: str, header: str = "fee,vip,churn") -> TrainingData:
    """The customers of a file, read with a contract of two features."""
    (folder / "features.yaml").write_text(TINY)
    (folder / "c.csv").write_text("\n".join([header, *lines, ""]))
    return read_labelled(folder / "features.yaml", folder / "c.csv", "churn")[1]


def test_a_file_of_customers_is_read(tmp_path: Path) -> None:
    """In the contract's order; blank lines and other columns are left out."""
    rows = ["yes,x,1.5,No", ",x,NA,1.0", "", "0,x,2,yes"] * 100
    customers = read(tmp_path, *rows, header="VIP,other,Fee,Churn")
    assert customers.features.columns.tolist() == ["fee", "vip"]
    assert customers.features["fee"].isna().sum() == 100
    assert customers.features["vip"].tolist()[:3] == [True, None, False]
    assert customers.churned.tolist()[:3] == [False, True, True]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        pytest.param(["1,yes,no", "10,yes,no"], r"c\.csv:3: fee: Give a number from 0", id="range"),
        pytest.param(["1,perhaps,no"], r"c\.csv:2: vip: Give true or false", id="boolean"),
        pytest.param(["1,yes,maybe"], r"c\.csv:2: churn: give yes or no", id="outcome"),
        pytest.param(["1,yes,NA"], r"c\.csv:2: churn: give yes or no", id="no outcome"),
        pytest.param(["x,y,z"], r"fee: .*\(got 'x'\); vip: .*'y'\); churn: .*'z'\)$", id="all"),
        pytest.param(["1,yes"], r"c\.csv:2: 2 cells, not the header's 3", id="short row"),
        pytest.param(['"1,yes,no'], r"c\.csv:2: not CSV", id="open quote"),
        pytest.param(
            ["1,yes,no"] * 200, "nobody has left \\(200 stayed\\): give 100", id="one outcome"
        ),
        pytest.param(
            ["1,yes,no"] * 200 + ["1,no,yes"] * 9, "9 left and 200 stayed: give 100", id="few"
        ),
        pytest.param([], "nobody has left", id="empty"),
    ],
)
def test_a_fault_in_a_file_is_named(tmp_path: Path, lines: list[str], said: str) -> None:
    """File, line and column."""
    with pytest.raises(ValueError, match=said):
        read(tmp_path, *lines)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("fee,vip", "^c.csv:1: no column churn$"),
        ("fee,x,chrn", "^c.csv:1: no column vip; no column churn; did you mean 'chrn'.$"),
        ("fee,Fee,churn", "columns 'fee' and 'Fee' are both fee; no column vip"),
        ("fee,vip,churn,CHURN", "columns 'churn' and 'CHURN' are both the outcome"),
        ("", "c.csv:2: no column fee"),
    ],
    ids=["missing", "all missing", "twice", "two outcomes", "none"],
)
def test_a_fault_in_the_header_is_named(tmp_path: Path, header: str, said: str) -> None:
    cells = ",".join("1" * len(header.split(",")))
    with pytest.raises(ValueError, match=said):
        read(tmp_path, cells, header=header)
