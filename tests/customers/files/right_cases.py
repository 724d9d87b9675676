"""Files as people have them, each with the one right result."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

CASES = Path(__file__).with_name("cases")


@dataclass(frozen=True)
class Right:
    """What is right for a file: how many customers, and how it was read."""

    customers: int
    how: str


RIGHT = {
    "array.json": Right(2, "a JSON array, UTF-8"),
    "blank-line-at-end.csv": Right(
        3, "comma-separated, UTF-8; left out: Churn (the outcome), 1 blank line"
    ),
    "case_cat.csv": Right(5, "comma-separated, UTF-8"),
    "float-booleans.csv": Right(3, "comma-separated, UTF-8"),
    "kaggle_types.jsonl": Right(1, "JSON lines, UTF-8"),
    "na.csv": Right(8, "comma-separated, UTF-8"),
    "pandas_flat.jsonl": Right(1, "JSON lines, UTF-8"),
    "semicolon.csv": Right(1, "semicolon-separated, decimal comma, UTF-8"),
    "tab.tsv": Right(1, "tab-separated, UTF-8"),
    "telco-head.csv": Right(3, "comma-separated, UTF-8; left out: Churn (the outcome)"),
    "trailing_comma.csv": Right(1, "comma-separated, UTF-8; left out: column 5 (no name)"),
    "unnamed_index.csv": Right(2, "comma-separated, UTF-8; left out: column 1 (no name)"),
    "utf16le_bom.csv": Right(1, "comma-separated, UTF-16"),
}

REFUSED = {
    "latin1.csv": "latin1.csv:2: not UTF-8: save the file as UTF-8",
    "spaced_header.csv": "spaced_header.csv:1: 'Tenure Months': There is no such feature; "
    "did you mean tenure?; no column tenure, which is required",
    "na-in-a-number.csv": "na-in-a-number.csv:1: no column contract, which is required; "
    "no column monthly_charges, which is required",
}
