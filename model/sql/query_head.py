"""The comments at the head of a query: what it is, and how to run it."""

from __future__ import annotations

import textwrap

from model.features import Contract
from model.scorecard import Scorecard
from model.sql.dialect import Dialect

WIDTH = 96


def query_head(scorecard: Scorecard, contract: Contract, dialect: Dialect, digest: str) -> str:
    """Write the head.

    Args:
        scorecard: of the release.
        contract: its contract.
        dialect: of the database.
        digest: SHA-256 of the file scorecard.json, in hexadecimal.
    """
    types = {"integer": "numbers", "number": "numbers", "category": "text"}
    columns: dict[str, list[str]] = {}
    for feature in contract.features:
        columns.setdefault(types.get(feature.type, dialect.boolean), []).append(feature.name)
    paragraphs = [
        f"Release {scorecard.version} of the churn model as one query, for {dialect.title}.",
        f"SHA-256 of its scorecard.json: {digest}",
        f"Run it: {dialect.run}. As a view: CREATE VIEW churn_scores AS, then this text.",
        "Written by churn model export. Don't edit it: write it again from a newer release.",
        "Each row of the table gives one row. Without faults it is what POST /predict answers: "
        "probability, its range from low to high, the decision of each policy, the five reasons "
        "with the largest effects in log-odds, and the names of the unknown features. "
        "With faults all of these are NULL, and faults names the columns whose value breaks the "
        "contract. NULL means unknown.",
        *(f"Columns of {kind}: {', '.join(names)}." for kind, names in columns.items()),
    ]
    lines = []
    for paragraph in paragraphs:
        plain = "".join(c if c.isprintable() else " " for c in paragraph)
        lines += textwrap.wrap(plain, WIDTH, break_long_words=False, break_on_hyphens=False)
    return "\n".join(f"-- {line}" for line in lines)
