"""Scores the customers of an uploaded file. No Flask inside."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from app.customers.files.customer_reader import read
from app.customers.files.file_format import FileError
from app.customers.files.file_row import FileRow
from app.customers.files.header_matching import HeaderRules
from app.customers.web.upload_limits import MAX_CUSTOMERS, UploadError
from app.customers.web.upload_packing import unpack
from app.observability.timing import timed
from app.predictions.scorer import Scorer
from app.predictions.service import SLICE, count_predictions

BATCH = 64
"""Rows of a Parquet file in memory at once: each can repeat a text as long as the file."""


@dataclass(frozen=True)
class ScoredCustomer:
    """One customer of the file, with what `POST /predict` would answer."""

    id: str
    features: dict[str, Any]
    found: dict[str, Any]


@dataclass(frozen=True)
class ScoredFile:
    """All customers of a file: `read` are as many as scored and rejected.

    Attributes:
        how: how the file was read and what was left out, in one line.
        customers: by falling probability.
        rejected: rows that break the contract, in the file's order.
    """

    how: str
    customers: Sequence[ScoredCustomer]
    rejected: Sequence[FileRow]

    @property
    def read(self) -> int:
        """How many rows the file has."""
        return len(self.customers) + len(self.rejected)


def score_file(
    content: bytes, name: str, rules: HeaderRules, one: Scorer, policy: str
) -> ScoredFile:
    """Read a file, and score its customers in slices.

    Args:
        content: as uploaded.
        name: of the file, for messages.
        rules: which columns there are.
        one: scores.
        policy: its threshold decides.

    Raises:
        UploadError: the file cannot be read, or has too many customers; then none is scored.
    """
    try:
        with timed("validation"):
            customers = read(io.BytesIO(unpack(content, name)), name, rules, BATCH)
            rows = [*islice(customers.rows, MAX_CUSTOMERS + 1)]
    except FileError as error:
        raise UploadError(_sentence(str(error))) from None
    if len(rows) > MAX_CUSTOMERS:
        raise UploadError(
            f"{name}: more than {MAX_CUSTOMERS:,} customers. Split the file, or score it with "
            "churn score, which has no limit.",
            413,
        )
    if not rows:
        raise UploadError(f"{name}: the file has no customers.")
    good = [(row.id, row.features) for row in rows if row.features is not None]
    scored: list[ScoredCustomer] = []
    for start in range(0, len(good), SLICE):
        part = good[start : start + SLICE]
        with timed("model"):
            found = one.score_many([features for _, features in part], policy)
        scored += [
            ScoredCustomer(customer, features, answer)
            for (customer, features), answer in zip(part, found, strict=True)
        ]
    for customer in scored:
        count_predictions(customer.found, customer.found["prediction"])
    scored.sort(key=lambda customer: -customer.found["churn_probability"])
    rejected = [row for row in rows if row.features is None]
    return ScoredFile(customers.how(), scored, rejected)


def _sentence(fault: str) -> str:
    """Name the field of the form where the reader names the option of a command."""
    return fault.replace("with --id", "in “Column of the id”")
