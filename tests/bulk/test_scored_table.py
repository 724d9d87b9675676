"""The table of scored customers is what the plain engine writes."""

from __future__ import annotations

import csv
import io
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet
from pyarrow.csv import write_csv

from app.bulk.checked_customers import CheckedCustomers
from app.bulk.scored_table import ScoredTable
from app.customers.files.scored_file import csv_writer
from app.predictions.scorer import Scorer
from app.releases.release_loader import Release, load_release
from tools.coded_customers import coded, edge_customers, sample
from tools.servers import ROOT


def packaged(version: str) -> Release:
    return load_release(ROOT / "model" / "releases" / version)


def scored_table(release: Release, policy: str, most: int) -> ScoredTable:
    return ScoredTable(release.scorecard, release.contract, policy, most)


def cells(table: pa.Table) -> list[list[str]]:
    def text(value: Any) -> str:
        return "" if value is None else str(value)

    return [[*map(text, row.values())] for row in table.to_pylist()]


@pytest.mark.parametrize("version", ["1.0.0", "1.2.0"])
def test_names_and_cells_are_those_of_the_plain_file(version: str) -> None:
    release = packaged(version)
    contract = release.contract
    customers = sample(contract) + edge_customers([release.scorecard], contract, 500, seed=4)
    ids = [f"c-{number}" for number in range(len(customers))]
    kept = {"region": pa.array([f"r{number % 3}" for number in range(len(ids))])}
    checked = CheckedCustomers(pa.array(ids), coded(contract, customers), kept)
    table = scored_table(release, "high_recall", 3).of(checked)

    file = io.StringIO()
    write = csv_writer(file, 3)
    plain = Scorer(release.scorecard, contract)
    for name, answer in zip(ids, plain.score_many(customers, "high_recall", 3), strict=True):
        write(name, answer)
    header, *rows = csv.reader(io.StringIO(file.getvalue()))
    assert table.column_names == [*header, "region"]
    numbers = {header.index(name) for name in ("confidence", "churn_probability")}
    numbers |= {header.index(name) for name in ("range_low", "range_high")}
    for found, expected in zip(cells(table.drop_columns("region")), rows, strict=True):
        for at, (got, right) in enumerate(zip(found, expected, strict=True)):
            if at in numbers and right:
                assert float(got) == pytest.approx(float(right), abs=1e-12)
            else:
                assert got == right
    assert table["region"].to_pylist() == kept["region"].to_pylist()


def test_no_customers_are_an_empty_table() -> None:
    release = packaged("1.2.0")
    table = scored_table(release, "default", 2).of(
        CheckedCustomers(pa.array([], pa.string()), coded(release.contract, []))
    )
    assert table.num_rows == 0
    assert table.column_names[-2:] == ["reason_1", "reason_2"]


def test_a_result_can_be_written_as_parquet_and_csv() -> None:
    """Arrow writes no dictionary that has a null."""
    release = packaged("1.2.0")
    customers = sample(release.contract)[:3]
    checked = CheckedCustomers(pa.array(["a", "b", "c"]), coded(release.contract, customers))
    table = scored_table(release, "default", 20).of(checked)
    assert table["reason_20"].null_count == 3
    file = io.BytesIO()
    parquet.write_table(table, file)
    read = parquet.read_table(file)
    assert read.to_pylist() == table.to_pylist()
    text = io.BytesIO()
    write_csv(table, text)
    rows = [*csv.DictReader(io.StringIO(text.getvalue().decode()))]
    assert [row["reason_1"] for row in rows] == table["reason_1"].to_pylist()
