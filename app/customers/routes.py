"""The routes of stored customers."""

from __future__ import annotations

import logging
from typing import Any

from flask import Response

from app.access import scope
from app.customers.budget_list import budget_list, on_list
from app.customers.files.customer_id import CUSTOMER_ID, is_customer_id
from app.customers.ranking_cursor import cursor, rank_after
from app.customers.schemas import EXAMPLE_ID, AtRisk, AtRiskQuery, LookupQuery
from app.customers.store.stored_features import faults, fits
from app.http.blueprint import Blueprint
from app.http.json_encoding import json_response
from app.http.problems import Problem
from app.observability.timing import timed
from app.predictions.response_schemas import Prediction
from app.predictions.service import count_predictions, requested_scorer, require_policy, scorer
from app.releases import require_serving_release
from app.resilience.circuit_breaker import RETRY_SECONDS
from app.resilience.unavailable import DependencyUnavailable
from app.services import services

log = logging.getLogger(__name__)

blp = Blueprint("customers", __name__, description="Stored customers", url_prefix="/customers")


@blp.route(
    "/<customer_id>/prediction",
    parameters=[
        {
            "in": "path",
            "name": "customer_id",
            "required": True,
            "description": "The id under which the customer was loaded",
            "schema": {"type": "string", "pattern": f"^{CUSTOMER_ID}$"},
            "example": EXAMPLE_ID,
        }
    ],
)
@scope("predict")
@blp.doc(operationId="predictCustomer")
@blp.arguments(LookupQuery(), location="query")
@blp.response(200, Prediction)
@blp.refuses(404, 409, 503)
def prediction(query: dict[str, Any], customer_id: str) -> Response:
    """Score a stored customer.

    The release in service computes the score for this request, from the stored features.
    """
    one = requested_scorer(query)
    require_policy(one, query["policy"], parameter="policy")
    features = lookup(customer_id)
    with timed("model"):
        scored = one.score(features, query["policy"], query["reasons"])
    count_predictions(scored, scored["prediction"])
    return json_response(scored)


@blp.route("/at-risk")
@scope("predict")
@blp.doc(operationId="listCustomersAtRisk")
@blp.arguments(AtRiskQuery(), location="query")
@blp.response(200, AtRisk)
@blp.refuses(409, 503)
def at_risk(query: dict[str, Any]) -> Response:
    """Rank the stored customers by falling probability.

    Returns one page with reasons; only the last page has no `next`. Customers that don't change
    between two pages are neither repeated nor missed. `left_out` counts customers whose stored
    features break the contract.

    With `budget`, the ranking ends with the last customer worth calling for it, and `budget` says
    what calling them all is expected to cost and to bring.
    """
    release = require_serving_release()
    one, policy, store = scorer(release), query["policy"], services().customers.store
    digest = release.digests["scorecard.json"]
    after = rank_after(query["after"], digest) if "after" in query else None
    limit = query["limit"]
    try:
        calls = budget_list(store, release, policy, query["budget"]) if "budget" in query else None
        ranked, complete = on_list(store, digest, limit + 1, after, calls)
    except DependencyUnavailable as error:
        raise database_unavailable(error) from error
    decision = require_policy(one, policy, parameter="policy")
    page = ranked[:limit]
    fit = [c for c in page if is_customer_id(c.id) and fits(release.contract, c.features)]
    if left_out := len(page) - len(fit):
        log.warning("left %d customers out of the ranking: they break the contract", left_out)
    last = page[-1] if len(ranked) > limit else None
    return json_response(
        {
            "model_version": release.version,
            "policy": decision,
            "customers": [{"id": c.id, **one.score(c.features, policy)} for c in fit],
            "left_out": left_out,
            "budget": calls.answer() if calls else None,
            "next": cursor(digest, *last.rank) if last else None,
            "complete": complete,
        }
    )


def lookup(customer_id: str) -> dict[str, Any]:
    """Return the features of a stored customer.

    Raises:
        Problem: 404, there is no such customer; 409, the features break the contract; 503, the
            database is down.
    """
    features = None
    if is_customer_id(customer_id):
        try:
            features = services().customers.store.features(customer_id)
        except DependencyUnavailable as error:
            raise database_unavailable(error) from error
    if features is None:
        raise Problem("customer-not-found", f"There is no stored customer {customer_id[:64]}")
    contract = services().releases.contract
    if not fits(contract, features):
        found, count = faults(contract, features)
        raise Problem(
            "customer-outdated",
            f"The stored features of {customer_id} break the contract of the model",
            found,
            error_count=count,
        )
    return features


def database_unavailable(error: DependencyUnavailable) -> Problem:
    """Make the problem of a database that is down."""
    headers = {"Retry-After": str(RETRY_SECONDS)}
    return Problem(
        "database-unavailable", f"Stored customers cannot be read ({error})", headers=headers
    )
