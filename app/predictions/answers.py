"""What the prediction API answers."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from app.predictions.bodies import POLICIES


def version_field() -> fields.Field[Any]:
    """The field of an answer that names the release which made it."""
    return fields.String(
        required=True,
        metadata={"description": "The release that made the scores", "examples": ["1.0.0"]},
    )


class Policy(ma.Schema):
    """How the probability became a decision."""

    name = fields.String(
        required=True,
        validate=validate.OneOf(POLICIES),
        metadata={"description": "The policy asked for", "examples": ["default"]},
    )
    threshold = fields.Float(
        required=True,
        validate=validate.Range(0, 1),
        metadata={"description": "Probabilities from here on are churn", "examples": [0.5]},
    )


class Reason(ma.Schema):
    """One term of the score."""

    feature = fields.String(
        required=True,
        metadata={
            "description": "The feature, or both features of a pair",
            "examples": ["contract"],
        },
    )
    value = fields.Raw(
        required=True,
        allow_none=True,
        metadata={
            "description": "What was given; null where it was not; a list for a pair",
            "examples": ["Month-to-month"],
        },
    )
    effect = fields.Float(
        required=True,
        metadata={
            "description": "Log-odds, compared with the average customer",
            "examples": [0.84],
        },
    )
    text = fields.String(
        required=True,
        metadata={
            "description": "The effect in words",
            "examples": [
                "Month-to-month contract: odds of leaving 2.3 times the average customer's"
            ],
        },
    )


class Prediction(ma.Schema):
    """A score with its exact reasons."""

    prediction = fields.String(
        required=True,
        validate=validate.OneOf(("churn", "no_churn")),
        metadata={
            "description": "Whether churn_probability reaches the policy's threshold",
            "examples": ["churn"],
        },
    )
    confidence = fields.Float(
        required=True,
        validate=validate.Range(0, 1),
        metadata={
            "description": "Probability of the class that was predicted",
            "examples": [0.71],
        },
    )
    churn_probability = fields.Float(
        required=True,
        validate=validate.Range(0, 1),
        metadata={"description": "Probability that the customer leaves", "examples": [0.71]},
    )
    model_version = version_field()
    policy = fields.Nested(Policy, required=True, metadata={"description": "The decision's"})
    baseline = fields.Float(
        required=True,
        metadata={"description": "The average customer's log-odds", "examples": [-1.32]},
    )
    reasons = fields.List(
        fields.Nested(Reason),
        required=True,
        metadata={"description": "The terms with the largest effects, largest first"},
    )
    other_effects = fields.Float(
        required=True,
        metadata={
            "description": "Sum of the effects that are not listed, in log-odds; with baseline "
            "and the listed effects it gives the logit of churn_probability",
            "examples": [-0.07],
        },
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

    id = fields.String(
        required=True, metadata={"description": "As it was given", "examples": ["a-1"]}
    )


class BatchAnswer(ma.Schema):
    """The predictions of a batch, in the order given."""

    model_version = version_field()
    policy = fields.Nested(Policy, required=True, metadata={"description": "The decision's"})
    predictions = fields.List(
        fields.Nested(BatchPrediction),
        required=True,
        metadata={"description": "One for each customer, in the order given"},
    )
