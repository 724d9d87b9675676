"""Writes scored customers as CSV."""

from __future__ import annotations

import csv
from collections.abc import Callable
from typing import Any, TextIO

from app.customers.files.plain_cells import plain_text

Write = Callable[[str, dict[str, Any]], object]
"""Takes a customer's id and prediction."""


def csv_writer(file: TextIO, reasons: int) -> Write:
    """Write the header; return the function that writes a customer.

    A row has the prediction's plain values, its range, and the text of each reason in a cell.

    Args:
        file: takes the rows.
        reasons: how many cells for reasons there are.
    """
    plain = ("prediction", "confidence", "churn_probability", "model_version")
    rows = csv.writer(file)
    names = ["range_low", "range_high", "policy", *[f"reason_{n + 1}" for n in range(reasons)]]
    rows.writerow(["customer_id", *plain, *names])

    def write(customer: str, found: dict[str, Any]) -> None:
        words = [plain_text(reason["text"]) for reason in found["reasons"]]
        cells = [found[name] for name in plain]
        empty = [""] * (reasons - len(words))
        ends = found["unknown"]["range"] or ("", "")
        rows.writerow([customer, *cells, *ends, found["policy"]["name"], *words, *empty])

    return write
