"""Predictions of stored customers."""

from __future__ import annotations

import base64
import json
from math import isfinite
from typing import Any

from flask import Response

from app.access import scope
from app.arguments import Blueprint
from app.customers import RETRY_AFTER, Unavailable, store
from app.customers.reading import ID, is_id
from app.customers.schemas import EXAMPLE_ID, AtRisk, AtRiskQuery, LookupQuery
from app.encoding import json_response
from app.parts import part
from app.predictions.answers import Prediction
from app.predictions.bodies import CONTRACT
from app.predictions.routes import chosen, count, scorer
from app.problems import Problem
from app.releases import serving

blp = Blueprint("customers", __name__, description="Stored customers", url_prefix="/customers")


@blp.route(
    "/<customer_id>/prediction",
    parameters=[
        {
            "in": "path",
            "name": "customer_id",
            "required": True,
            "description": "The id under which the customer was loaded",
            "schema": {"type": "string", "pattern": f"^{ID}$"},
            "example": EXAMPLE_ID,
        }
    ],
)
@scope("predict")
@blp.doc(operationId="predictCustomer")
@blp.arguments(LookupQuery(), location="query")
@blp.response(200, Prediction)
@blp.alt_response(404, "NOT_FOUND")
@blp.alt_response(409, "CONFLICT")
@blp.alt_response(503, "SERVICE_UNAVAILABLE")
def prediction(query: dict[str, Any], customer_id: str) -> Response:
    """Score a stored customer.

    The score is made now, by the release in service, from the features as they are stored.
    """
    features = lookup(customer_id)
    one = chosen(query)
    with part("model"):
        scored = one.score(features, query["policy"], query["reasons"])
    count(scored, scored["prediction"])
    return json_response(scored)


@blp.route("/at-risk")
@scope("predict")
@blp.doc(operationId="listCustomersAtRisk")
@blp.arguments(AtRiskQuery(), location="query")
@blp.response(200, AtRisk)
@blp.alt_response(404, "NOT_FOUND")
@blp.alt_response(409, "CONFLICT")
@blp.alt_response(503, "SERVICE_UNAVAILABLE")
def at_risk(query: dict[str, Any]) -> Response:
    """Rank the stored customers by falling probability.

    With reasons, a page at a time. Customers that don't change between two pages are neither
    repeated nor left out, whatever happens to others.
    """
    release = serving()
    digest = release.digests["scorecard.json"]
    after = read_cursor(query["after"], digest) if "after" in query else None
    limit = query["limit"]
    try:
        ranked, complete = store().at_risk(digest, limit + 1, after)
    except Unavailable as error:
        raise database_unavailable(error) from error
    page, one = ranked[:limit], scorer(release)
    last = page[-1] if len(ranked) > limit else None
    policy = query["policy"]
    return json_response(
        {
            "model_version": release.version,
            "policy": one.policy(policy),
            "customers": [{"id": c.id, **one.score(c.features, policy)} for c in page],
            "next": cursor(digest, last.log_odds, last.id) if last else None,
            "complete": complete,
        }
    )


def lookup(customer_id: str) -> dict[str, Any]:
    """The features of a stored customer.

    Raises:
        Problem: 404, there is no such customer; 409, what is stored breaks the contract as it is
            now; 503, the database is away.
    """
    features = None
    if is_id(customer_id):
        try:
            features = store().features(customer_id)
        except Unavailable as error:
            raise database_unavailable(error) from error
    if features is None:
        raise Problem("customer-not-found", f"There is no stored customer {customer_id[:64]}")
    if not CONTRACT.accepts(features):
        raise Problem(
            "customer-outdated",
            f"What is stored of {customer_id} no longer fits the features of the model",
        )
    return features


def database_unavailable(error: Unavailable) -> Problem:
    """The problem of a database that is away."""
    headers = {"Retry-After": str(RETRY_AFTER)}
    return Problem(
        "database-unavailable", f"Stored customers cannot be read ({error})", headers=headers
    )


def cursor(digest: str, log_odds: float, customer: str) -> str:
    """The place in the ranking after this customer, opaque to the caller."""
    text = json.dumps([digest[:16], log_odds, customer])
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
        ours = isfinite(place[0]) and is_id(customer)
    except (ValueError, TypeError, RecursionError):
        ours = None
    if not ours:
        detail = "Give `next` of the page before, unchanged"
        fault = {"parameter": "after", "detail": detail, "value": text[:100]}
        raise Problem("not-found", "There is no such page of the ranking", [fault])
    if made_by != digest[:16]:
        raise Problem("ranking-changed", "Another release serves now than made that page")
    return place
