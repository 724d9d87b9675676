"""The cursor of the ranking."""

from __future__ import annotations

import base64
import json
from math import isfinite

from app.customers.store.tables import ID_LENGTH
from app.http.problems import Problem


def cursor(digest: str, log_odds: float, customer: str) -> str:
    """The place in the ranking after this customer, opaque to the caller."""
    text = json.dumps([digest[:16], log_odds, customer], ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(text: str, digest: str) -> tuple[float, str]:
    """Understand a cursor.

    Raises:
        Problem: 404, it is none of ours; 409, of another release's ranking.
    """
    try:
        padded = text + "=" * (-len(text) % 4)
        made_by, log_odds, customer = json.loads(base64.b64decode(padded, "-_", validate=True))
        place = float(log_odds), customer
        ours = isfinite(place[0]) and _has_a_place(customer)
    except (ValueError, TypeError, AttributeError, RecursionError):
        ours = None
    if not ours:
        detail = "Give `next` of the page before, unchanged"
        fault = {"parameter": "after", "detail": detail, "value": text[:100]}
        raise Problem("not-found", "There is no such page of the ranking", [fault])
    if made_by != digest[:16]:
        raise Problem("ranking-changed", "Another release serves now than made that page")
    return place


def _has_a_place(customer: str) -> bool:
    """Whether a database can look for it: ids that others stored are passed, too."""
    return len(customer.encode()) > 0 and len(customer) <= ID_LENGTH and "\x00" not in customer
