"""The stored customers of a drill, and what each release must say of them."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import psycopg

from app.customers.files.sample_file import SAMPLE
from app.predictions.scorer import Scorer
from app.releases.release_loader import load_release

CUSTOMERS = 3000
"""So many that lookups in turn take more than a minute to come round: an emptied cache stays empty
long enough to be found."""

_ALL = "SELECT id, features FROM customers ORDER BY id"
_DIGEST = "SELECT md5(string_agg(id || ' ' || features::text, ',' ORDER BY id)) FROM customers"


def customers_file(folder: Path) -> Path:
    """Write the sample customers again and again under new ids."""
    with SAMPLE.open(encoding="utf-8", newline="") as sample:
        names, *rows = csv.reader(sample)
    file = folder / "customers.csv"
    with file.open("w", encoding="utf-8", newline="") as output:
        writer = csv.writer(output)
        writer.writerow(names)
        for number in range(CUSTOMERS):
            _, *features = rows[number % len(rows)]
            writer.writerow([f"drill-{number:05d}", *features])
    return file


def expected_probabilities(
    url: str, releases: Path
) -> tuple[dict[str, dict[str, Any]], dict[str, list[float]]]:
    """Return the stored customers, and their probabilities by version, in the same order."""
    with psycopg.connect(url) as connection:
        customers: dict[str, dict[str, Any]] = dict(connection.execute(_ALL).fetchall())
    expected = {}
    for folder in sorted(path for path in releases.iterdir() if path.is_dir()):
        release = load_release(folder)
        scorer = Scorer(release.scorecard, release.contract)
        expected[folder.name] = [
            scorer.score(features)["churn_probability"] for features in customers.values()
        ]
    return customers, expected


def stored_digest(url: str) -> str:
    """Return the digest of all stored customers."""
    with psycopg.connect(url) as connection:
        found = connection.execute(_DIGEST).fetchone()
    return str(found and found[0])
