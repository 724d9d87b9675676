"""Tables of customers with columns of any type."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import strategies as st

from tests.prediction_bodies import CONTRACT

TEXTS = ["One year", "two year", "x", "", "NA", "12", "1e1", "true", "no", " 5 ", "inf", "\u00a0"]
WHOLE = [0, 1, 12, 100, -1]
LARGE = [*WHOLE, 601, 2**53 + 1, 2**62]
DOUBLES = [0.0, 1.0, 12.5, -0.0, 0.1, 1e16, float("nan"), float("inf"), -float("inf")]
DECIMALS = [Decimal("1.00"), Decimal("12"), Decimal("65.50"), Decimal("-1")]

TYPES: list[tuple[pa.DataType, list[Any]]] = [
    *((kind, TEXTS) for kind in (pa.string(), pa.large_string(), pa.string_view())),
    *((kind, WHOLE) for kind in (pa.int8(), pa.int32(), pa.float32())),
    (pa.int64(), LARGE),
    (pa.uint64(), [*map(abs, LARGE), 2**64 - 1]),
    (pa.float64(), DOUBLES),
    (pa.float16(), [np.float16(0), np.float16(12.5)]),
    (pa.decimal128(10, 2), DECIMALS),
    (pa.bool_(), [True, False]),
    (pa.binary(), [b"One year", b"\xff"]),
    (pa.date32(), [0, 10_000]),
    (pa.timestamp("us"), [0, 10**9]),
    (pa.timestamp("us", "Europe/Berlin"), [0, 10**9]),
    (pa.timestamp("us", "Mars/Olympus"), [0]),
    (pa.duration("us"), [0, 1]),
    (pa.null(), [None]),
]


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    """Customers; some of their features have odd types or values."""
    rows = draw(st.integers(0, 6))
    columns = {
        "customer_id": pa.array([f"c-{n}" for n in range(rows)], pa.string()),
        "tenure": pa.array([12.0] * rows),
        "contract": pa.array(["One year"] * rows, pa.string()).dictionary_encode(),
        "monthly_charges": pa.array([65.5] * rows, pa.float32()),
    }
    odd = draw(st.lists(st.sampled_from(["customer_id", *CONTRACT.names]), min_size=1, max_size=3))
    for name in odd:
        kind, values = draw(st.sampled_from(TYPES))
        cells = draw(st.lists(st.sampled_from([*values, None]), min_size=rows, max_size=rows))
        column = pa.array(cells, kind)
        if kind in (pa.string(), pa.int64()) and draw(st.booleans()):
            column = column.dictionary_encode()
        columns[name] = column
    return pa.table(columns)
