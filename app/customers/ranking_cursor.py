"""The cursor of the ranking."""

from __future__ import annotations

import base64
import json
from math import isfinite
from typing import Any, NamedTuple

import marshmallow as ma

from app.customers.store.stored_customer import ID_LENGTH
from app.http.problems import Problem


class Place(NamedTuple):
    """A position in a ranking: the scorecard's digest, and score and id of a customer."""

    digest: str
    log_odds: float
    customer: str


def cursor(digest: str, log_odds: float, customer: str) -> str:
    """Return the position after this customer, opaque to the caller."""
    text = json.dumps([digest[:16], log_odds, customer], ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


class Cursor(ma.fields.String):
    """A cursor, read into the position after which the page begins."""

    default_error_messages = {"invalid": "Give `next` of the page before, unchanged"}  # noqa: RUF012

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, *args, **kwargs)
        try:
            padded = text + "=" * (-len(text) % 4)
            digest, log_odds, customer = json.loads(base64.b64decode(padded, "-_", validate=True))
            place = Place(digest, float(log_odds), customer)
            ours = isinstance(digest, str) and isfinite(place.log_odds) and _has_a_place(customer)
        except (ValueError, TypeError, AttributeError, RecursionError):
            ours = False
        if not ours:
            raise self.make_error("invalid")
        return place


def _has_a_place(customer: str) -> bool:
    """Whether a database can look for the id; others may have stored ids that break our rule."""
    return len(customer.encode()) > 0 and len(customer) <= ID_LENGTH and "\x00" not in customer


def rank_after(place: Place, digest: str) -> tuple[float, str]:
    """Return the rank after which a page begins.

    Raises:
        Problem: 409, the position belongs to another release's ranking.
    """
    if place.digest != digest[:16]:
        raise Problem(
            "ranking-changed", "Another release serves now than the one that made that page"
        )
    return place.log_odds, place.customer
