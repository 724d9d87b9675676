"""What the API of stored customers takes and answers."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields, validate

from app.predictions.schemas import Policy, Prediction, PredictionQuery, policy_field


class LookupQuery(PredictionQuery):
    """Options of a stored customer's prediction."""

    policy = policy_field()


class AtRiskQuery(ma.Schema):
    """Which part of the ranking."""

    error_messages = {"unknown": "There is no such option; there are policy, limit, after"}  # noqa: RUF012

    policy = policy_field()
    limit = fields.Integer(
        load_default=50,
        validate=validate.Range(1, 500, error="Give a number from {min} to {max}"),
        error_messages={"invalid": "Give a whole number"},
        metadata={"description": "How many customers"},
    )
    after = fields.String(
        validate=validate.Length(1, 300),
        metadata={"description": "`next` of the page before; leave out for the first page"},
    )


class RankedPrediction(Prediction):
    """A stored customer with its prediction."""

    id = fields.String(required=True)


class AtRisk(ma.Schema):
    """A page of the stored base by falling probability."""

    model_version = fields.String(required=True)
    policy = fields.Nested(Policy, required=True)
    customers = fields.List(fields.Nested(RankedPrediction), required=True)
    next = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Pass as `after` for the next page; null on the last"},
    )
    complete = fields.Boolean(
        required=True,
        metadata={
            "description": "Every stored customer has a score by this release. False while "
            "scores are refreshed: those without a fresh one are left out, not shown stale"
        },
    )
