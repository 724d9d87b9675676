"""Files of many customers: the real sample drawn again and again, with small changes.

Tenure and charges differ from the customer that was drawn, as those of a neighbour would; about one
total in 500 isn't known. The same number of rows gives the same file.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv, parquet

from app.customers.files.sample_file import SAMPLE

CHUNK = 1 << 20
"""Customers that are made at once, and rows of a row group: what pyarrow writes by default."""

ONE_IN = 500
"""One customer in so many has no total."""


def customers(rows: int) -> Iterator[pa.Table]:
    """Yield the customers in tables of at most `CHUNK` rows.

    Args:
        rows: of all tables together.
    """
    sample = csv.read_csv(SAMPLE)
    for start in range(0, rows, CHUNK):
        yield _drawn(sample, start, min(CHUNK, rows - start))


def write_parquet(path: Path, rows: int) -> None:
    """Write customers as a Parquet file."""
    chunks = customers(rows)
    first = next(chunks)
    with parquet.ParquetWriter(path, first.schema) as writer:
        writer.write_table(first, CHUNK)
        for chunk in chunks:
            writer.write_table(chunk, CHUNK)


def write_csv(path: Path, rows: int) -> None:
    """Write customers as a CSV file, with quotes nowhere: no value needs them."""
    chunks = customers(rows)
    first = next(chunks)
    with path.open("wb") as file:
        file.write((",".join(first.column_names) + "\n").encode())
        plain = csv.WriteOptions(include_header=False, quoting_style="none")
        with csv.CSVWriter(file, first.schema, write_options=plain) as writer:
            writer.write_table(first)
            for chunk in chunks:
                writer.write_table(chunk)


def _drawn(sample: pa.Table, start: int, rows: int) -> pa.Table:
    """Draw customers, whose ids count from `start`."""
    draw = np.random.default_rng(start)
    drawn = sample.take(draw.integers(0, len(sample), rows))
    ids = np.char.add("c-", np.char.zfill(np.arange(start, start + rows).astype(str), 8))
    months = drawn["tenure"].to_numpy() + draw.integers(-2, 3, rows)
    monthly = drawn["monthly_charges"].to_numpy() + draw.normal(0, 1, rows)
    total = drawn["total_charges"].fill_null(0).to_numpy() * draw.normal(1, 0.02, rows)
    unknown = draw.integers(0, ONE_IN, rows) == 0
    changed = {
        "customer_id": pa.array(ids),
        "tenure": pa.array(months.clip(0, 72)),
        "monthly_charges": pa.array(monthly.clip(18, 119).round(2)),
        "total_charges": pa.array(total.clip(0, 9000).round(2), mask=unknown),
    }
    for name, column in changed.items():
        drawn = drawn.set_column(drawn.column_names.index(name), name, column)
    return drawn.combine_chunks()


def main() -> None:
    """Write a file: Parquet if its name ends in .parquet, else CSV."""
    options = argparse.ArgumentParser(description=main.__doc__)
    options.add_argument("file", type=Path)
    options.add_argument("--rows", type=int, default=10_000_000)
    chosen = options.parse_args()
    write = write_parquet if chosen.file.suffix == ".parquet" else write_csv
    write(chosen.file, chosen.rows)


if __name__ == "__main__":
    main()
