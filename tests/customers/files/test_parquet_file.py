"""A Parquet file is read like the CSV file with the same customers."""

from __future__ import annotations

import io
import os
import sys
import threading
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from app.customers.files.customer_reader import read
from app.customers.files.file_format import FileError
from app.customers.files.header_matching import HeaderRules
from app.customers.files.text_columns import read_columns
from tests.prediction_bodies import CONTRACT

COLUMNS = {
    "customer_id": pa.array([7, 8, 9]),
    "tenure": pa.array([12.0, 1.0, None]),
    "contract": pa.array(["One year", "two year", "One year"]).dictionary_encode(),
    "monthly_charges": pa.array([65.5, float("nan"), 20.0], pa.float32()),
    "partner": pa.array([True, False, None]),
}


def packed(**columns: Any) -> io.BytesIO:
    file = io.BytesIO()
    parquet.write_table(pa.table({**COLUMNS, **columns}), file)
    file.seek(0)
    return file


def test_its_customers_are_those_of_the_table() -> None:
    """Nothing is lost to types: 12.0 is the integer 12, and NaN isn't known."""
    customers = read(packed(), "c.parquet", HeaderRules(CONTRACT))
    one, other, third = customers.rows
    assert customers.how() == "c.parquet: read as Parquet"
    assert (one.id, one.features) == (
        "7",
        {"tenure": 12, "contract": "One year", "monthly_charges": 65.5, "partner": True},
    )
    assert (other.line, other.reason) == (
        2,
        "monthly_charges: This feature is required and cannot be null",
    )
    assert (third.line, third.features) == (3, None)


def test_a_draft_reads_its_columns_as_text() -> None:
    columns, how = read_columns(packed(joined=pa.array([1, 2, 3], pa.date32())), "c.parquet")
    assert columns["partner"] == ["true", "false", ""]
    assert columns["joined"][0] == "1970-01-02"
    assert how == "c.parquet: read as Parquet"


def test_a_pipe_is_read_as_a_whole() -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as write:
        thread = threading.Thread(target=lambda: (write.write(packed().getvalue()), write.close()))
        thread.start()
        with os.fdopen(reading, "rb") as file:
            assert len(list(read(file, "-", HeaderRules(CONTRACT)).rows)) == 3
        thread.join()


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (packed(tags=pa.array([[1], [2], []])), "tags: lists or records: give columns of single"),
        (io.BytesIO(packed().getvalue()[:-9]), "the Parquet file cannot be read: "),
        (io.BytesIO(b"PAR1"), "the Parquet file cannot be read: "),
        (packed(tenur=pa.array([1, 2, 3])), "'tenur': There is no such feature; did you mean ten"),
    ],
    ids=["nested", "cut", "empty", "header"],
)
def test_what_cannot_be_read_is_one_line(file: io.BytesIO, said: str) -> None:
    with pytest.raises(FileError, match=f"^c.parquet: {said}") as refused:
        list(read(file, "c.parquet", HeaderRules(CONTRACT)).rows)
    assert "\n" not in str(refused.value)


def test_without_pyarrow_a_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(FileError, match=r"-r requirements/bulk\.txt, or save it as CSV"):
        read(packed(), "c.parquet", HeaderRules(CONTRACT))


def test_a_file_on_disk_is_told_by_its_first_bytes(tmp_path: Path) -> None:
    """Whatever its name."""
    (tmp_path / "c.csv").write_bytes(packed().getvalue())
    with (tmp_path / "c.csv").open("rb") as file:
        assert len(list(read(file, "c.csv", HeaderRules(CONTRACT)).rows)) == 3
