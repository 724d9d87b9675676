"""Requests and responses of the API of stored customers."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields, validate

from app.customers.ranking_cursor import Cursor
from app.http.request_parsing import WholeNumber
from app.http.shared_schemas import required_field, required_list
from app.predictions.request_schemas import PredictionQuery, policy_field
from app.predictions.response_schemas import Policy, Prediction, version_field

EXAMPLE_ID = "wa-0010"
"""A customer of the sample that a fresh installation has."""


class LookupQuery(PredictionQuery):
    """Options of the prediction of a stored customer."""

    error_messages = {  # noqa: RUF012
        "unknown": "There is no such option; there are policy, reasons and version"
    }

    policy = policy_field()


class AtRiskQuery(ma.Schema):
    """Options of the ranking."""

    error_messages = {"unknown": "There is no such option; there are policy, limit, after"}  # noqa: RUF012

    policy = policy_field()
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


class RankedPrediction(Prediction):
    """A stored customer with its prediction."""

    id = required_field("The id under which the customer was loaded", EXAMPLE_ID)


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
    next = required_field(
        "Pass as `after` for the next page; null on the last", None, allow_none=True
    )
    complete = required_field(
        "Whether every stored customer has a score by this release. False while scores are "
        "refreshed: customers without a fresh score are left out",
        True,
        fields.Boolean,
    )
