"""The table of differences between the groups of a factor, with limits and exceptions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.handbook.card.card_tables import Table, TableCell, short, words
from app.handbook.documents.document_types import parse_date


def gaps(found: Sequence[Mapping[str, Any]]) -> Table | None:
    """Make the table; None if nothing was compared.

    Args:
        found: `fairness_gaps` of the evaluation.
    """
    rows = [
        [
            TableCell(f"{gap['label']}: {_metric(gap['metric'])}"),
            _end(gap["lowest"]),
            _end(gap["highest"]),
            TableCell(
                short(float(gap["gap"])), "beyond its limit" if _is_over(gap) else "", number=True
            ),
            TableCell("none" if gap["limit"] is None else short(float(gap["limit"])), number=True),
            _exception(gap["exception"]),
        ]
        for gap in found
    ]
    columns = ["Factor and metric", "Lowest", "Highest", "Gap", "Limit", "Exception"]
    return Table(columns, rows) if rows else None


def _metric(name: str) -> str:
    """Write a metric within a sentence; acronyms stay."""
    text = words(name)
    return text if text[1:2].isupper() else text.lower()


def _is_over(gap: Mapping[str, Any]) -> bool:
    return gap["limit"] is not None and gap["gap"] > gap["limit"]


def _end(group: Mapping[str, Any]) -> TableCell:
    return TableCell(short(float(group["value"])), str(group["group"]), number=True)


def _exception(given: Mapping[str, Any] | None) -> TableCell:
    if given is None:
        return TableCell("")
    until = parse_date(str(given["expires"]))
    day = f"{until.day} {until:%b %Y}" if until else str(given["expires"])
    return TableCell(str(given["reason"]), f"{given['owner']}, until {day}")
