"""What the prediction API answers."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from app.http.shared_schemas import required_field
from model.scorecard import POLICIES


def version_field() -> fields.Field[Any]:
    """The field of an answer that names the release which made it."""
    return required_field("The release that made the scores", "1.0.0")


class Policy(ma.Schema):
    """How the probability became a decision."""

    name = required_field("The policy asked for", "default", validate=validate.OneOf(POLICIES))
    threshold = required_field(
        "Probabilities from here on are churn", 0.5, fields.Float, validate=validate.Range(0, 1)
    )


class Reason(ma.Schema):
    """One term of the score."""

    feature = required_field("The feature, or both features of a pair", "contract")
    value = required_field(
        "What was given; null where it was not; a list for a pair",
        "Month-to-month",
        fields.Raw,
        allow_none=True,
    )
    effect = required_field("Log-odds, compared with the average customer", 0.84, fields.Float)
    text = required_field(
        "The effect in words",
        "Month-to-month contract: odds of leaving 2.3 times the average customer's",
    )


class Prediction(ma.Schema):
    """A score with its exact reasons."""

    prediction = required_field(
        "Whether churn_probability reaches the policy's threshold",
        "churn",
        validate=validate.OneOf(("churn", "no_churn")),
    )
    confidence = required_field(
        "Probability of the class that was predicted",
        0.71,
        fields.Float,
        validate=validate.Range(0, 1),
    )
    churn_probability = required_field(
        "Probability that the customer leaves", 0.71, fields.Float, validate=validate.Range(0, 1)
    )
    model_version = version_field()
    policy = fields.Nested(Policy, required=True, metadata={"description": "The decision's"})
    baseline = required_field("The average customer's log-odds", -1.32, fields.Float)
    reasons = fields.List(
        fields.Nested(Reason),
        required=True,
        metadata={"description": "The terms with the largest effects, largest first"},
    )
    other_effects = required_field(
        "Sum of the effects that are not listed, in log-odds; with baseline "
        "and the listed effects it gives the logit of churn_probability",
        -0.07,
        fields.Float,
    )
    missing_features = fields.List(
        fields.String(),
        required=True,
        metadata={
            "description": "Features of the model that were not given",
            "examples": [["total_charges"]],
        },
    )


class BatchPrediction(Prediction):
    """The prediction of one customer of a batch."""

    id = required_field("As it was given", "a-1")


class BatchAnswer(ma.Schema):
    """The predictions of a batch, in the order given."""

    model_version = version_field()
    policy = fields.Nested(Policy, required=True, metadata={"description": "The decision's"})
    predictions = fields.List(
        fields.Nested(BatchPrediction),
        required=True,
        metadata={"description": "One for each customer, in the order given"},
    )
