"""Responses of the prediction API."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from app.http.shared_schemas import required_field, required_list
from model.scorecard import POLICIES


def version_field() -> fields.Field[Any]:
    """Make the field of an answer that names its release."""
    return required_field("The release that computed the scores", "1.0.0")


class Policy(ma.Schema):
    """The policy of a decision."""

    name = required_field("The requested policy", "default", validate=validate.OneOf(POLICIES))
    threshold = required_field(
        "A customer is flagged as churn at or above this probability",
        0.5,
        fields.Float,
        validate=validate.Range(0, 1),
    )


class Reason(ma.Schema):
    """One term of the score."""

    feature = required_field("The feature, or both features of a pair", "contract")
    value = required_field(
        "The value sent; null if unknown; a list for a pair",
        "Month-to-month",
        fields.Raw,
        allow_none=True,
    )
    effect = required_field("Log-odds, compared with the average customer", 0.84, fields.Float)
    text = required_field(
        "The effect in words",
        "Month-to-month contract: odds of leaving 2.3 times the average customer's",
    )


class Unknown(ma.Schema):
    """What the unknown features change."""

    features = required_list(
        "Features whose value is unknown: missing, or too rare in the training data",
        fields.String,
        ["total_charges"],
    )
    effect = required_field(
        "Log-odds: what the unknown features are expected to add, given those that are known, and "
        "what uncertainty takes away",
        0.03,
        fields.Float,
    )
    range = fields.List(
        fields.Float(validate=validate.Range(0, 1)),
        required=True,
        allow_none=True,
        validate=validate.Length(equal=2),
        metadata={
            "description": "In nine of ten cases the probability would lie between these two if "
            "all features were known; null for a release that can't tell",
            "examples": [[0.66, 0.75]],
        },
    )
    coverage = required_field(
        "Share of customers whose complete score lies in the range",
        0.9,
        fields.Float,
        allow_none=True,
    )
    ask_next = required_field(
        "The unknown feature that would leave the least uncertainty",
        "total_charges",
        allow_none=True,
    )


class Prediction(ma.Schema):
    """A score with its exact reasons."""

    prediction = required_field(
        "Whether churn_probability reaches the policy's threshold",
        "churn",
        validate=validate.OneOf(("churn", "no_churn")),
    )
    confidence = required_field(
        "Probability of the predicted class",
        0.71,
        fields.Float,
        validate=validate.Range(0, 1),
    )
    churn_probability = required_field(
        "Probability that the customer leaves", 0.71, fields.Float, validate=validate.Range(0, 1)
    )
    model_version = version_field()
    policy = fields.Nested(
        Policy, required=True, metadata={"description": "The policy of the decision"}
    )
    baseline = required_field("The average customer's log-odds", -1.32, fields.Float)
    reasons = required_list("The terms with the largest effects, largest first", Reason)
    other_effects = required_field(
        "Sum of the effects that are not listed, in log-odds; baseline, listed effects, other "
        "effects and unknown.effect add up to the logit of churn_probability",
        -0.07,
        fields.Float,
    )
    missing_features = required_list(
        "Features of the model that are missing or null", fields.String, ["total_charges"]
    )
    unknown = fields.Nested(  # type: ignore[assignment]  # marshmallow takes fields off the class
        Unknown, required=True, metadata={"description": "What the unknown features change"}
    )


class BatchPrediction(Prediction):
    """The prediction of one customer of a batch."""

    id = required_field("The id sent with the customer", "a-1")


class BatchAnswer(ma.Schema):
    """The predictions of a batch, in the order given."""

    model_version = version_field()
    policy = fields.Nested(
        Policy, required=True, metadata={"description": "The policy of the decision"}
    )
    predictions = required_list("One for each customer, in the order given", BatchPrediction)
