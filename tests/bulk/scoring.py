"""Runs `churn score` in this process."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from click.testing import Result
from flask import Flask

from app.cli.score import score
from app.customers.files.sample_file import SAMPLE

LINES = SAMPLE.read_text().splitlines()
BAD = "x-1,7000," + LINES[1].split(",", 2)[2]


def run(app: Flask, *args: object) -> Result:
    """Run the command with these arguments."""
    return app.test_cli_runner().invoke(score, [str(arg) for arg in args])


def write_customers(path: Path, first: int, last: int, *more: str) -> Path:
    """Write some customers of the sample, and other lines after them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([LINES[0], *LINES[first : last + 1], *more]) + "\n")
    return path


def rows_of(path: Path) -> list[dict[str, Any]]:
    """The rows of a CSV file."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))
