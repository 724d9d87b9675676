"""The requests that the soak sends."""

from __future__ import annotations

from model.feature_file import load_contract

FEATURES = load_contract().example()

SINGLE: tuple[str, str, object] = ("POST", "/predict", {"features": FEATURES})

MIXED: list[tuple[str, str, object]] = [
    SINGLE,
    ("GET", "/customers/wa-0010/prediction", None),
    SINGLE,
    ("GET", "/runbooks/high-api-latency", None),
]

BATCH: list[tuple[str, str, object]] = [
    (
        "POST",
        "/predict/batch",
        {"customers": [{"id": str(i), "features": FEATURES} for i in range(1000)]},
    )
]

MANY: list[tuple[str, str, object]] = [*[SINGLE] * 151, *MIXED * 12, *BATCH]
"""Two hundred, mostly predictions."""
