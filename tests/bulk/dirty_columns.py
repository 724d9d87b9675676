"""Parquet files whose columns have types and values that no feature accepts."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pyarrow as pa

from tests.bulk.dirty_case import Case
from tests.bulk.dirty_tables import bad, packed, refused


def wrong() -> Iterator[Case]:
    """Columns of which no value, or only some, are the feature's."""
    zone = pa.timestamp("us", "Europe/Berlin")
    yield bad("timestamp", "tenure", tenure=pa.array([1, 2, 3], pa.timestamp("s")))
    yield bad("zone", "tenure", tenure=pa.array([1, 2, 3], zone))
    yield bad("date64", "tenure", tenure=pa.array([86400000] * 3, pa.date64()))
    yield bad("time32", "tenure", tenure=pa.array([1] * 3, pa.time32("s")))
    yield bad("wrong-binary", "contract", contract=pa.array([b"\xff\xfe"] * 3))
    yield bad("fixed-binary-tenure", "tenure", tenure=pa.array([b"\0\1"] * 3, pa.binary(2)))
    yield bad("boolean-tenure", "tenure", tenure=pa.array([True] * 3))
    yield bad("integer-contract", "contract", contract=pa.array([1, 2, 3]))
    yield bad("null-required", "contract", contract=pa.nulls(3))
    yield bad(
        "dictionary-of-null",
        "contract",
        contract=pa.array([None] * 3, pa.dictionary(pa.int32(), pa.string())),
    )
    yield bad("uint64", "tenure", tenure=pa.array([2**64 - 1] * 3, pa.uint64()))
    yield bad("half-tenure", "tenure", tenure=pa.array([1.5] * 3, pa.float16()))
    yield bad("infinite-tenure", "tenure", tenure=pa.array([float("inf")] * 3))
    yield bad(
        "huge-decimal",
        "monthly_charges",
        monthly_charges=pa.array([Decimal(10) ** 70] * 3, pa.decimal256(76, 0)),
    )
    yield bad(
        "tiny-decimal",
        "tenure",
        tenure=pa.array([Decimal(1).scaleb(-20)] * 3, pa.decimal128(30, 20)),
    )
    yield bad("million", "contract", contract=pa.array(["x" * 1_000_000] * 3))
    mixed = {
        "tenure": pa.array([12.5, 601, 30]),
        "contract": pa.array(["One year", "Two year", "Weekly"]),
    }
    yield Case("each-wrong.parquet", packed(**mixed), (), {1: "tenure", 2: "tenure", 3: "contract"})
    yield Case(
        "unseen-in-dictionary.parquet",
        packed(contract=pa.array(["One year", "Weekly", "TWO-YEAR"]).dictionary_encode()),
        ("c-1",),
        {2: "contract", 3: "contract"},
    )
    yield Case(
        "negative.parquet",
        packed(monthly_charges=pa.array([-0.0, -1e-300, 1e308])),
        ("c-1",),
        {2: "monthly_charges", 3: "monthly_charges"},
    )


def unknown() -> Iterator[Case]:
    """Columns with values that Python doesn't have, or only with pandas."""
    zone = "timestamp[us, tz="
    for name, said, column in (
        ("unknown-zone", zone, pa.array([1, 2, 3], pa.timestamp("us", "Mars/Olympus"))),
        ("no-offset", zone, pa.array([1, 2, 3], pa.timestamp("us", "+25:99"))),
        ("far-future", "timestamp[ms]", pa.array([2**62] * 3, pa.timestamp("ms"))),
        ("far-day", "date32[day]", pa.array([2**30] * 3, pa.date32())),
        ("long-duration", "duration[s]", pa.array([2**62] * 3, pa.duration("s"))),
        ("nanoseconds", "timestamp[ns]", pa.array([1, 2, 1001], pa.timestamp("ns"))),
        ("time", "time64[ns]", pa.array([1] * 3, pa.time64("ns"))),
        ("duration", "duration[ns]", pa.array([1] * 3, pa.duration("ns"))),
    ):
        yield refused(name, said, packed(tenure=column))
