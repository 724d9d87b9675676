"""Requests and responses of the API of stored customers."""

from __future__ import annotations

import re
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from app.customers.ranking_cursor import Cursor
from app.http.request_parsing import WholeNumber
from app.http.shared_schemas import required_field, required_list
from app.predictions.request_schemas import PredictionQuery, policy_field
from app.predictions.response_schemas import Policy, Prediction, version_field
from model.campaign import COVERAGE
from model.scorecard import VALUE

EXAMPLE_ID = "wa-0010"
"""A customer of the sample that a fresh installation has."""

LEAST_BUDGET, MOST_BUDGET = 0.01, 1e12
"""Units of the currency; beyond them a budget must be a mistake."""


class LookupQuery(PredictionQuery):
    """Options of the prediction of a stored customer."""

    error_messages = {  # noqa: RUF012
        "unknown": "There is no such option; there are policy, reasons and version"
    }

    policy = policy_field()


class Money(fields.Float):
    """An amount in a query, in ASCII digits; `float` also reads nan, 1_0 and other scripts."""

    default_error_messages = {"invalid": "Give an amount, as 1000 or 1000.50"}  # noqa: RUF012

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if not re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?", value):
            raise self.make_error("invalid")
        return super()._deserialize(value, *args, **kwargs)


def budget_field() -> fields.Field[Any]:
    """Make the field `budget` of a query."""
    most = f"Give an amount from {LEAST_BUDGET} to {MOST_BUDGET:,.0f}"
    return Money(
        validate=validate.Range(LEAST_BUDGET, MOST_BUDGET, error=most),
        metadata={
            "description": "Only the customers worth calling for this amount, in the currency of "
            "the release's economics: those at or above the policy's threshold, as long as "
            "contacts and offers are expected to cost no more. The policy is then `value` unless "
            "given",
            "examples": [500],
        },
    )


def with_policy(query: dict[str, Any]) -> dict[str, Any]:
    """Return a query with the policy that a budget has if none is given."""
    return {"policy": VALUE, **query} if "budget" in query else query


class AtRiskQuery(ma.Schema):
    """Options of the ranking."""

    error_messages = {"unknown": "There is no such option; there are policy, limit, after, budget"}  # noqa: RUF012

    policy = policy_field()
    budget = budget_field()
    limit = WholeNumber(
        load_default=50,
        validate=validate.Range(1, 500, error="Give a number from {min} to {max}"),
        metadata={"description": "How many customers at most", "examples": [20]},
    )
    after = Cursor(
        metadata={
            "description": "`next` of the page before, unchanged; leave out for the first page",
            "format": "cursor",
        },
    )

    @ma.pre_load
    def _with_policy(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return with_policy(data)


class RankedPrediction(Prediction):
    """A stored customer with its prediction."""

    id = required_field("The id under which the customer was loaded", EXAMPLE_ID)


class Amount(ma.Schema):
    """An uncertain amount, in the currency."""

    expected = required_field("Its mean", 492.3, fields.Float)
    range = required_field(
        "In `coverage` of the outcomes it is between these two",
        [403.52, 583.74],
        fields.List,
        cls_or_instance=fields.Float,
        validate=validate.Length(equal=2),
    )


def _amount(description: str) -> fields.Field[Any]:
    return fields.Nested(Amount, required=True, metadata={"description": description})


class Budget(ma.Schema):
    """What calling the customers on the list costs and brings, the same on each page."""

    currency = required_field("Of all amounts", "USD")
    budget = required_field("The budget that was asked for", 500, fields.Float)
    customers = required_field("How many are on the list", 69, fields.Integer)
    leavers = required_field("How many of them are expected to leave", 38.1, fields.Float)
    kept = required_field("How many of those calls are expected to keep", 11.4, fields.Float)
    cost = _amount("Of contacts, and of offers taken")
    gain = _amount("The value of the customers kept")
    profit = _amount("The gain less the cost")
    coverage = required_field(
        "The share of outcomes that each range covers: who leaves, whom the offer keeps, and how "
        "well it works are uncertain; the probabilities count as right",
        COVERAGE,
        fields.Float,
    )
    limited_by = required_field(
        "What keeps the next customer off the list: the budget; the policy's threshold; or there "
        "is no other customer",
        "budget",
        validate=validate.OneOf(("budget", "threshold", "customers")),
    )


class AtRisk(ma.Schema):
    """A page of the stored base by falling probability."""

    model_version = version_field()
    policy = fields.Nested(
        Policy, required=True, metadata={"description": "The policy of the decisions"}
    )
    customers = required_list(
        "By falling probability; fewer than `limit` where some were left out", RankedPrediction
    )
    left_out = required_field(
        "How many customers of this page were left out, because their stored features break the "
        "contract: others wrote them, or an older contract allowed them",
        0,
        fields.Integer,
        validate=validate.Range(0),
    )
    budget = fields.Nested(
        Budget,
        required=True,
        allow_none=True,
        metadata={"description": "The outcome of calling them all; null without a budget"},
    )
    next = required_field(
        "Pass as `after` for the next page; null on the last", None, allow_none=True
    )
    complete = required_field(
        "Whether every stored customer has a score by this release. False while scores are "
        "refreshed: customers without a fresh score are left out",
        True,
        fields.Boolean,
    )
