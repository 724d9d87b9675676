"""Parquet is read in batches exactly as by the one reader of files; damage is one line."""

from __future__ import annotations

import io
import os
import random
import threading
from datetime import UTC, datetime
from typing import Any
from unittest import mock

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from app.bulk.reading import parquet_input
from app.bulk.reading.input_file import open_input
from app.customers.files.file_format import FileError
from app.customers.files.header_matching import HeaderRules
from app.customers.files.sample_file import SAMPLE
from tests.bulk.parquet_tables import tables
from tests.bulk.readings import by_arrays, by_rows
from tests.prediction_bodies import CONTRACT

RULES = HeaderRules(CONTRACT)
GOOD = pa.table(
    {
        "customer_id": ["c-1", "c 2", "c-3"],
        "tenure": [12, 12, 12],
        "contract": ["One year"] * 3,
        "monthly_charges": [65.5, 65.5, 6550],
    }
)


def packed(table: pa.Table, **options: Any) -> bytes:
    file = io.BytesIO()
    parquet.write_table(table, file, **options)
    return file.getvalue()


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(tables(), st.sampled_from([1, 2, 100]), st.booleans())
def test_both_readers_say_the_same(table: pa.Table, batch: int, types: bool) -> None:
    """Rows, values and rejects, whatever the types, batches and row groups."""
    content = packed(table, row_group_size=4, store_schema=types)
    with mock.patch.object(parquet_input, "ROWS", batch):
        assert by_arrays(content, RULES) == by_rows(content, RULES)


def test_a_planted_fault_is_seen() -> None:
    """The check of ids, made to find none wrong."""
    content = packed(GOOD)
    assert by_arrays(content, RULES) == by_rows(content, RULES)
    with mock.patch.object(parquet_input, "checked_ids", lambda ids: (ids, None)):
        assert by_arrays(content, RULES) != by_rows(content, RULES)


def test_a_batch_of_real_customers_is_read_by_arrays() -> None:
    """No row goes through the one reader, and no value is lost."""
    content = packed(pa.csv.read_csv(SAMPLE))
    right = by_rows(content, RULES)
    with mock.patch.object(parquet_input.ParquetInput, "_rows", side_effect=AssertionError):
        assert by_arrays(content, RULES) == right


def test_kept_columns_keep_their_type() -> None:
    """Also of a feature, and of a column that otherwise were refused; of the good rows only."""
    joined = pa.array([datetime(2026, 1, 1, tzinfo=UTC)] * 3, pa.timestamp("us", "UTC"))
    content = packed(GOOD.append_column("joined on", joined))
    file = open_input(io.BytesIO(content), "c.parquet", RULES, ("joined_on", "contract"))
    (piece,) = file.pieces()
    kept = piece().kept
    assert kept["joined_on"].equals(joined[:1])
    assert kept["contract"].equals(pa.array(["One year"]))
    assert file.how() == "c.parquet: read as Parquet"


def test_names_with_points_are_columns() -> None:
    """And no fields of other columns."""
    table = GOOD.append_column("contract.end", pa.array(["x", "y", "z"]))
    file = open_input(io.BytesIO(packed(table)), "c.parquet", RULES, ("contract.end",))
    (piece,) = file.pieces()
    assert piece().kept["contract.end"].to_pylist() == ["x"]


def test_a_pipe_is_read() -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as write:
        thread = threading.Thread(target=lambda: (write.write(packed(GOOD)), write.close()))
        thread.start()
        with os.fdopen(reading, "rb") as file:
            (piece,) = open_input(file, "-", RULES).pieces()
            assert piece().rows == 3
        thread.join()


REFUSED = {
    "nested": (
        packed(GOOD.append_column("tags", pa.array([[1], [2], []]))),
        "tags: lists or records: give columns of single values",
    ),
    "cut": (packed(GOOD)[:-9], "the Parquet file cannot be read: "),
    "empty": (b"PAR1", "the Parquet file cannot be read: "),
    "unknown zone": (
        packed(GOOD.append_column("partner", pa.array([0] * 3, pa.timestamp("us", "Mars/X")))),
        "the Parquet file cannot be read: timestamp[us, tz=Mars/X]: ",
    ),
    "repeated": (
        packed(pa.table([*GOOD.columns, GOOD["tenure"]], [*GOOD.column_names, "tenure"])),
        "columns 'tenure' and 'tenure' are both tenure",
    ),
}


@pytest.mark.parametrize(("content", "said"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_read_is_one_line(content: bytes, said: str) -> None:
    """The same line of both readers."""
    found = by_arrays(content, RULES)
    assert found == by_rows(content, RULES)
    assert found.startswith(f"c.csv: {said}")
    assert "\n" not in found


def test_damage_anywhere_is_one_line_or_none() -> None:
    """Never another error, whatever bytes are wrong or lack."""
    whole, chance = packed(GOOD, compression="zstd"), random.Random(26)
    refused = 0
    for _ in range(300):
        content = bytearray(whole)
        for _ in range(chance.randint(1, 3)):
            content[chance.randrange(4, len(content))] = chance.randrange(256)
        for reading in (by_arrays, by_rows):
            found = reading(bytes(content), RULES)
            refused += isinstance(found, str)
            assert "\n" not in str(found)
    assert refused > 100


@pytest.mark.parametrize("rows", [0, 1])
def test_few_rows_are_read(rows: int) -> None:
    content = packed(GOOD.slice(0, rows))
    assert by_arrays(content, RULES) == by_rows(content, RULES)


def test_an_unknown_column_to_keep_is_told_with_the_nearest() -> None:
    with pytest.raises(FileError, match="no column 'contrct' to keep; did you mean 'contract'"):
        open_input(io.BytesIO(packed(GOOD)), "c.parquet", RULES, ("contrct",))
