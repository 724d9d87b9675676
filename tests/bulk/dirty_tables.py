"""Parquet files whose columns have every type that holds what a feature accepts."""

from __future__ import annotations

import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from tests.bulk.dirty_case import ALL, Case

COLUMNS: dict[str, Any] = {
    "customer_id": pa.array(ALL),
    "tenure": pa.array([12, 1, 30]),
    "contract": pa.array(["One year", "Two year", "Month-to-month"]),
    "monthly_charges": pa.array([65.5, 5.0, 80.0]),
}
EACH = (1, 2, 3)


def packed(table: pa.Table | None = None, /, options: Any = None, **columns: Any) -> bytes:
    """Write a Parquet file: the columns above, with those given."""
    file = io.BytesIO()
    if table is None:
        table = pa.table({**COLUMNS, **columns})
    parquet.write_table(table, file, **(options or {}))
    return file.getvalue()


def good(name: str, **columns: Any) -> Case:
    """A file whose rows are all scored."""
    return Case(f"{name}.parquet", packed(**columns), ALL)


def bad(name: str, said: str, **columns: Any) -> Case:
    """A file whose rows are all rejected."""
    return Case(f"{name}.parquet", packed(**columns), rejected=dict.fromkeys(EACH, said))


def refused(name: str, said: str, content: bytes) -> Case:
    """A file that is refused."""
    return Case(f"{name}.parquet", content, refused=said)


def typed() -> Iterator[Case]:
    """Columns of other types that hold the same values."""
    texts = pa.array(["One year", "Two year", "Month-to-month"])
    days = [12, 1, 30]
    yield good("dictionary", contract=texts.dictionary_encode())
    yield good("dictionary-of-ids", customer_id=pa.array(ALL).dictionary_encode())
    yield good("dictionary-of-numbers", tenure=pa.array(days).dictionary_encode())
    yield good("large-string", contract=texts.cast(pa.large_string()))
    yield good(
        "string-view",
        contract=texts.cast(pa.string_view()),
        customer_id=pa.array(ALL, pa.string_view()),
    )
    yield good(
        "binary", contract=texts.cast(pa.binary()), customer_id=pa.array(ALL).cast(pa.binary())
    )
    yield good("large-binary", contract=texts.cast(pa.large_binary()))
    yield good("fixed-binary", customer_id=pa.array([b"c-1", b"c-2", b"c-3"], pa.binary(3)))
    for kind in (
        pa.int8(),
        pa.uint8(),
        pa.int16(),
        pa.uint32(),
        pa.uint64(),
        pa.float32(),
        pa.float64(),
    ):
        yield good(f"tenure-{kind}", tenure=pa.array(days, kind))
    yield good("half-float", monthly_charges=pa.array([65.5, 5.0, 80.0], pa.float16()))
    yield good(
        "decimal",
        monthly_charges=pa.array([Decimal("65.50"), Decimal(5), Decimal(80)], pa.decimal128(9, 2)),
    )
    yield good(
        "decimal-256",
        monthly_charges=pa.array(
            [Decimal("65.50"), Decimal(5), Decimal(80)], pa.decimal256(50, 20)
        ),
    )
    yield good(
        "decimal-32", tenure=pa.array([Decimal(12), Decimal(1), Decimal(30)], pa.decimal32(5, 2))
    )
    yield good(
        "decimal-tenure-negative-scale",
        tenure=pa.array([Decimal(10), Decimal(20), Decimal(30)], pa.decimal128(5, 0)),
    )
    yield good(
        "texts-of-numbers",
        tenure=pa.array(["12", " 1 ", "30.0"]),
        monthly_charges=pa.array(["65.5", "5", "8e1"]),
    )
    yield good("booleans-as-texts", senior_citizen=pa.array(["Yes", "no", None]))
    yield good(
        "booleans-as-numbers",
        senior_citizen=pa.array([1, 0, None], pa.float64()),
        partner=pa.array([0, 1, 1], pa.int8()),
    )
    yield good("all-null", partner=pa.nulls(3), total_charges=pa.array([None] * 3, pa.float64()))
    yield good("not-a-number", total_charges=pa.array([float("nan"), float("inf"), None]))
    yield good(
        "extension",
        customer_id=pa.ExtensionArray.from_storage(pa.opaque(pa.string(), "n", "v"), pa.array(ALL)),
    )
    yield good("json-type", customer_id=pa.array(ALL, pa.json_(pa.string())))
    yield good(
        "bool8",
        partner=pa.ExtensionArray.from_storage(pa.bool8(), pa.array([1, 0, None], pa.int8())),
    )
    yield good("outcome-of-any-type", churn=pa.array([1, 2, 3], pa.timestamp("ns", "Mars/Olympus")))


def ids() -> Iterator[Case]:
    """Ids of every type."""
    yield Case("integer-ids.parquet", packed(customer_id=pa.array([7, 8, 9])), ("7", "8", "9"))
    yield Case(
        "float-ids.parquet",
        packed(customer_id=pa.array([7.0, 8.0, None])),
        ("7.0", "8.0"),
        {3: "id"},
    )
    yield bad("null-ids", "id", customer_id=pa.nulls(3))
    yield Case(
        "some-ids.parquet",
        packed(customer_id=pa.array(["c-1", None, ""])),
        ("c-1",),
        {2: "id", 3: "id"},
    )
    yield Case(
        "twice.parquet", packed(customer_id=pa.array(["c-1", "c-1", "c-2"])), ("c-1", "c-1", "c-2")
    )
    yield Case(
        "uuid.parquet",
        packed(customer_id=pa.array([bytes(16)] * 3, pa.uuid())),
        ("00000000-0000-0000-0000-000000000000",) * 3,
    )
    yield Case(
        "odd-ids.parquet",
        packed(customer_id=pa.array(["c 1", "ü", "x" * 65])),
        (),
        dict.fromkeys(EACH, "id"),
    )
    yield Case(
        "padded-ids.parquet", packed(customer_id=pa.array([" c-1", "c-2\n", "\u00a0c-3"])), ALL
    )
    yield Case(
        "nul-id.parquet",
        packed(customer_id=pa.array(["c-1", "c\0", "c-3"])),
        ("c-1", "c-3"),
        {2: "id"},
    )
    yield Case(
        "dates-as-ids.parquet",
        packed(customer_id=pa.array([1, 2, 3], pa.date32())),
        ("1970-01-02", "1970-01-03", "1970-01-04"),
    )
    yield Case(
        "bool-ids.parquet",
        packed(customer_id=pa.array([True, False, None])),
        ("true", "false"),
        {3: "id"},
    )
    yield Case(
        "undecodable.parquet",
        packed(customer_id=pa.array([b"c-1", b"\xff", b"c-3"])),
        ("c-1", "c-3"),
        {2: "id"},
    )
