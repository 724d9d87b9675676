"""Parquet files of odd shapes, and damaged ones."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator

import pyarrow as pa
from pyarrow import csv, feather, parquet

from tests.bulk.dirty_case import ALL, Case
from tests.bulk.dirty_tables import COLUMNS, packed, refused

TABLE = pa.table(COLUMNS)


def shapes() -> Iterator[Case]:
    """Files with other columns than the features, or none of their rows."""
    yield Case("no-rows.parquet", packed(TABLE.slice(0, 0)))
    file = io.BytesIO()
    parquet.ParquetWriter(file, TABLE.schema).close()
    yield Case("no-row-groups.parquet", file.getvalue())
    yield Case("many-row-groups.parquet", packed(TABLE, options={"row_group_size": 1}), ALL)
    yield refused("no-columns", "no column", packed(pa.table({})))
    yield refused(
        "missing", "no column contract, which is required", packed(TABLE.drop(["contract"]))
    )
    yield refused(
        "extra", "'shoe_size': There is no such feature", packed(shoe_size=pa.array([1, 2, 3]))
    )
    twice = pa.table([*TABLE.columns, TABLE["tenure"]], names=[*TABLE.column_names, "tenure"])
    yield refused("twice-named", "tenure", packed(twice))
    yield refused("two-names", "tenure", packed(Tenure=pa.array([1, 2, 3])))
    yield Case(
        "unnamed.parquet", packed(**{"": pa.array([1, 2, 3])}), ALL, how="column 5 (no name)"
    )
    renamed = TABLE.rename_columns([" Customer-ID ", "TENURE", "contract\n", "Monthly Charges"])
    yield Case("spelled.parquet", packed(renamed), ALL)
    yield refused("line-break", "no such feature", packed(**{"ten\nur": pa.array([1, 2, 3])}))
    yield Case(
        "outcome.parquet",
        packed(Churn=pa.array([True, None, False])),
        ALL,
        how="Churn (the outcome)",
    )
    yield refused("list", "tags", packed(tags=pa.array([[1], [2], []])))
    yield refused("list-view", "tags", packed(tags=pa.array([[1]] * 3, pa.list_view(pa.int8()))))
    yield refused("record", "tenure", packed(tenure=pa.array([{"months": 1}] * 3)))
    yield refused(
        "map", "tags", packed(tags=pa.array([[("a", 1)]] * 3, pa.map_(pa.string(), pa.int8())))
    )
    yield refused("fixed-list", "tags", packed(tags=pa.array([[1, 2]] * 3, pa.list_(pa.int8(), 2))))
    yield refused(
        "tensor",
        "tags",
        packed(
            tags=pa.ExtensionArray.from_storage(
                pa.fixed_shape_tensor(pa.int8(), [2]),
                pa.array([[1, 2]] * 3, pa.list_(pa.int8(), 2)),
            )
        ),
    )
    for compression in ("none", "gzip", "zstd", "lz4", "brotli"):
        yield Case(
            f"{compression}.parquet", packed(TABLE, options={"compression": compression}), ALL
        )
    yield Case(
        "old.parquet",
        packed(
            TABLE, options={"version": "1.0", "data_page_version": "1.0", "use_dictionary": False}
        ),
        ALL,
    )
    yield Case(
        "new-pages.parquet",
        packed(TABLE, options={"data_page_version": "2.0", "store_schema": False}),
        ALL,
    )
    yield Case("named-as-text.csv", packed(TABLE), ALL, how="read as Parquet")


def damage() -> Iterator[Case]:
    """Files that aren't whole, or no Parquet."""
    whole = packed(TABLE)
    for name, content in {
        "cut-at-the-end": whole[:-1],
        "cut-in-the-middle": whole[: len(whole) // 2],
        "start-only": whole[:4],
        "both-ends": b"PAR1PAR1",
        "no-metadata": b"PAR1\0\0\0\0PAR1",
        "long-metadata": b"PAR1\xff\xff\xff\x7fPAR1",
        "without-start": whole[4:],
        "encrypted": b"PARE" + whole[4:-4] + b"PARE",
    }.items():
        yield refused(name, f"{name}.parquet:", content)
    yield refused(
        "changed-page", "changed-page.parquet", bytes(whole[:20]) + bytes(30) + whole[50:]
    )
    yield refused("in-gzip", "a Parquet file", gzip.compress(whole))
    file = io.BytesIO()
    feather.write_feather(TABLE, file)
    yield refused("feather", "Feather", file.getvalue())
    file = io.BytesIO()
    csv.write_csv(TABLE, file)
    yield Case("text.parquet", file.getvalue(), ALL, how="comma-separated")
    yield refused("empty", "the file is empty", b"")
