"""Columns that the output shall have too, and the file of bad rows."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from app.customers.files.customer_reader import read
from app.customers.files.file_format import FileError
from app.customers.files.file_row import FileRow
from app.customers.files.header_matching import HeaderRules
from app.customers.files.rejected_rows import COLUMNS, rejects_file
from tests.prediction_bodies import CONTRACT

HEAD = "customer_id,tenure,contract,monthly_charges"
KNOWN = {"id": "c-1", "tenure": 12, "contract": "One year", "monthly_charges": 65.5}


def rows(content: str, *keep: str) -> list[FileRow]:
    return [*read(io.BytesIO(content.encode()), "c.csv", HeaderRules(CONTRACT, keep=keep)).rows]


@pytest.mark.parametrize(
    ("keep", "kept"),
    [("TENURE", "12.0"), ("customer id", "c-1"), ("churn", "Yes"), ("Unnamed: 0", "0")],
    ids=["feature", "id", "outcome", "no name"],
)
def test_any_column_can_be_kept_by_its_name(keep: str, kept: str) -> None:
    """As the file has it, whatever else the column is; a kept column isn't unknown."""
    content = f"{HEAD},My Plan,Churn,Unnamed: 0\nc-1,12.0,One year,65.5,p 1 ,Yes,0\n"
    (row,) = rows(content, "my_plan", keep)
    assert (row.features or {})["tenure"] == 12
    assert row.kept == ("p 1", kept)


@pytest.mark.parametrize(
    ("keep", "said"),
    [
        ("plam", "no column 'plam' to keep; did you mean 'Plan'?"),
        ("PLAN", "columns 'plan' and 'Plan' are both 'PLAN': name them apart"),
    ],
)
def test_a_name_to_keep_is_that_of_one_column(keep: str, said: str) -> None:
    with pytest.raises(FileError) as refused:
        rows(f"{HEAD},plan,Plan\n", "plan", "Plan", keep)
    assert str(refused.value) == f"c.csv:1: {said}"


def test_values_of_a_json_file_are_kept() -> None:
    """A customer may lack one; a name that none has is a mistake."""
    content = f"{json.dumps({**KNOWN, 'plan': 1.5})}\n{json.dumps(KNOWN)}\n"
    assert [row.kept for row in rows(content, "Plan")] == [(1.5,), (None,)]
    with pytest.raises(FileError, match=r"^c\.csv: no customer has 'tariff' to keep$"):
        rows(content, "tariff", "plan")


def test_each_fault_is_a_row_of_the_rejects(tmp_path: Path) -> None:
    """With column, value and rule; a long value is cut, and no cell is a formula."""
    bad = f"=c,700,{'=x' * 99},\nc-2,12\n"
    with rejects_file(tmp_path / "rejects.csv") as rejects:
        for row in rows(f"{HEAD}\n{bad}"):
            rejects.write(row)
    assert rejects.count == 2
    with (tmp_path / "rejects.csv").open(newline="") as file:
        header, *found = csv.reader(file)
    assert header == [*COLUMNS]
    told = [(line, column, value, rule[:14]) for line, _, _, column, value, rule in found]
    assert told == [
        ("2", "tenure", "700", "Give a whole n"),
        ("2", "contract", "'" + "=x" * 25, "Give one of Mo"),
        ("2", "monthly_charges", "", "This feature i"),
        ("2", "id", "'=c", "give 1 to 64 l"),
        ("3", "", "", "2 cells, not t"),
    ]
    assert found[0][2] == "tenure: Give a whole number from 0 to 600 (months) (got '700')"
    assert not any(cell.startswith("=") for cells in found for cell in cells)
