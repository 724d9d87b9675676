"""Differences between the groups of a factor, with their limits and exceptions."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.handbook.card.card_tables import Table, TableCell, short, words
from app.handbook.documents.document_types import parse_date

Gap = Mapping[str, Any]
"""An entry of `fairness_gaps` in the evaluation."""


@dataclass(frozen=True)
class GapException:
    """Why a difference may be beyond its limit, and until when."""

    gap: str
    reason: str
    owner: str
    expires: datetime.date | None


def gaps(found: Sequence[Gap]) -> Table | None:
    """Make the table; None if nothing was compared."""
    rows = [
        [
            TableCell(_name(gap)),
            _end(gap["lowest"]),
            _end(gap["highest"]),
            TableCell(
                short(float(gap["gap"])), "beyond its limit" if _is_over(gap) else "", number=True
            ),
            TableCell("none" if gap["limit"] is None else short(float(gap["limit"])), number=True),
        ]
        for gap in found
    ]
    return Table(["Factor and metric", "Lowest", "Highest", "Gap", "Limit"], rows) if rows else None


def exceptions(found: Sequence[Gap]) -> Iterator[GapException]:
    """Yield the exceptions that teams declared."""
    for gap in found:
        if given := gap["exception"]:
            date = parse_date(str(given["expires"]))
            yield GapException(_name(gap), str(given["reason"]), str(given["owner"]), date)


def _name(gap: Gap) -> str:
    """Write factor and metric; acronyms stay."""
    metric = words(str(gap["metric"]))
    return f"{gap['label']}: {metric if metric[1:2].isupper() else metric.lower()}"


def _is_over(gap: Gap) -> bool:
    return gap["limit"] is not None and gap["gap"] > gap["limit"]


def _end(group: Mapping[str, Any]) -> TableCell:
    return TableCell(short(float(group["value"])), str(group["group"]), number=True)
