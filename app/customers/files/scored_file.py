"""Writes scored customers as CSV."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from typing import Any, TextIO, TypeAlias

from app.customers.files.plain_cells import plain_text

Write: TypeAlias = Callable[..., object]
"""Takes a customer's id and prediction, and the kept columns if there are any."""

_PLAIN = ("prediction", "confidence", "churn_probability", "model_version")


def score_columns(reasons: int) -> list[str]:
    """Name the columns of a result, with so many reasons."""
    names = ["customer_id", *_PLAIN, "range_low", "range_high", "policy"]
    return [*names, *(f"reason_{n + 1}" for n in range(reasons))]


def csv_writer(file: TextIO, reasons: int, keep: Sequence[str] = ()) -> Write:
    """Write the header; return the function that writes a customer.

    A row has the prediction's plain values, its range, the text of each reason in a cell, and the
    columns that were kept.

    Args:
        file: takes the rows.
        reasons: how many cells for reasons there are.
        keep: names of the columns that were kept.
    """
    rows = csv.writer(file)
    rows.writerow([*score_columns(reasons), *map(plain_text, keep)])

    def write(customer: str, found: dict[str, Any], kept: Sequence[Any] = ()) -> None:
        words = [plain_text(reason["text"]) for reason in found["reasons"]]
        cells = [found[name] for name in _PLAIN]
        empty = [""] * (reasons - len(words))
        ends = found["unknown"]["range"] or ("", "")
        texts = map(_cell, kept)
        rows.writerow([customer, *cells, *ends, found["policy"]["name"], *words, *empty, *texts])

    return write


def _cell(kept: Any) -> Any:
    """Write a kept value, which in a JSON file isn't always a text."""
    if isinstance(kept, bool):
        return str(kept).lower()
    return plain_text(kept) if isinstance(kept, str) else kept
