"""The requests that the soak sends."""

from __future__ import annotations

from model.feature_file import load_contract

FEATURES = load_contract().example()

MIXED: list[tuple[str, str, object]] = [
    ("POST", "/predict", {"features": FEATURES}),
    ("GET", "/customers/wa-0010/prediction", None),
    ("POST", "/predict", {"features": FEATURES}),
    ("GET", "/runbooks/high-api-latency", None),
]

BATCH: list[tuple[str, str, object]] = [
    (
        "POST",
        "/predict/batch",
        {"customers": [{"id": str(i), "features": FEATURES} for i in range(1000)]},
    )
]
