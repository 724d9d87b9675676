"""Files as people have them, each with the one right result, through the commands."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from click.testing import CliRunner

from app.cli.model_commands import model as model_command
from app.customers.files.customer_reader import read
from app.customers.files.header_matching import HeaderRules
from app.customers.files.text_columns import read_columns
from model.training.contract_draft import draft
from tests.customers.files.right_cases import CASES, REFUSED, RIGHT
from tests.prediction_bodies import CONTRACT

Churn = Callable[..., CompletedProcess[str]]

RULES = HeaderRules(CONTRACT)


def test_every_case_is_tried() -> None:
    assert {path.name for path in CASES.iterdir()} == RIGHT.keys() | REFUSED.keys()


@pytest.mark.parametrize("name", RIGHT)
def test_it_is_scored(churn: Churn, tmp_path: Path, name: str) -> None:
    """All customers, with nothing to configure; one line says how the file was read."""
    right, output = RIGHT[name], tmp_path / "scores.csv"
    done = churn("score", str(CASES / name), "--output", str(output), "--strict")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout == f"{right.customers} read, {right.customers} scored, 0 rejected\n"
    assert done.stderr == f"{name}: read as {right.how}\n"
    with output.open(newline="") as file:
        assert len(list(csv.DictReader(file))) == right.customers


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_in_one_line(churn: Churn, tmp_path: Path, name: str) -> None:
    done = churn("score", str(CASES / name), "--output", str(tmp_path / "scores.csv"))
    (line,) = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (2, "")
    assert line.startswith(f"Error: {REFUSED[name]} (see ")
    assert list(tmp_path.iterdir()) == []


KNOWN = {"tenure": 12, "contract": "One year", "monthly_charges": 65.5}
VALUES = {
    "array.json": [KNOWN] * 2,
    "case_cat.csv": [
        *[KNOWN | {"contract": "Month-to-month"}] * 2,
        KNOWN,
        KNOWN | {"contract": "Month-to-month"},
        KNOWN | {"contract": "Two year"},
    ],
    "float-booleans.csv": [
        KNOWN | {"senior_citizen": True},
        KNOWN | {"senior_citizen": False},
        KNOWN,
    ],
    "kaggle_types.jsonl": [KNOWN | {"senior_citizen": False, "partner": True}],
    "na.csv": [KNOWN] * 8,
    "pandas_flat.jsonl": [KNOWN],
    "semicolon.csv": [KNOWN | {"total_charges": 786.0}],
    "tab.tsv": [KNOWN],
    "trailing_comma.csv": [KNOWN],
    "unnamed_index.csv": [KNOWN, KNOWN | {"tenure": 3}],
    "utf16le_bom.csv": [KNOWN | {"total_charges": 786.0, "senior_citizen": False, "partner": True}],
}


@pytest.mark.parametrize("name", VALUES)
def test_its_values_are_these(name: str) -> None:
    with (CASES / name).open("rb") as file:
        assert [row.features for row in read(file, name, RULES).rows] == VALUES[name]


def test_the_columns_of_the_telco_file_are_features() -> None:
    with (CASES / "telco-head.csv").open("rb") as file:
        first, second, _ = read(file, "telco-head.csv", RULES).rows
    assert first.features is not None
    assert second.features is not None
    assert first.features.keys() == set(CONTRACT.names)
    assert (first.id, first.features["female"], second.features["female"]) == ("C001", True, False)


def test_a_number_with_na_is_drafted_as_a_number() -> None:
    """It isn't required, so it may be missing."""
    with (CASES / "na-in-a-number.csv").open("rb") as file:
        columns, _ = read_columns(file, "c.csv")
    drafted = draft("c.csv", columns, "churn").text
    assert "#   customer_id: 240 different texts, too many for a category\n" in drafted
    assert "  total_charges:\n    label: Total charges\n    type: number\n" in drafted
    assert "required: true" not in drafted


def test_training_reads_the_telco_file() -> None:
    """Up to the number of customers, of which three aren't enough."""
    done = CliRunner().invoke(model_command, ["train", "--data", str(CASES / "telco-head.csv")])
    assert done.exit_code == 2
    assert done.stderr.splitlines()[-1] == (
        "telco-head.csv: 1 left and 2 stayed: give 100 customers or more of each"
    )
