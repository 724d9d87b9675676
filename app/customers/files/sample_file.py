"""The file of customers for a new installation."""

from __future__ import annotations

from pathlib import Path

SAMPLE_NAME = "sample_customers.csv"
"""Its name, beside the folder of releases."""

SAMPLE = Path(__file__).parents[3] / "model" / SAMPLE_NAME
