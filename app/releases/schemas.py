"""What the API tells of releases."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from app.http.shared_schemas import required_field


class Metric(ma.Schema):
    """One figure of the model card."""

    metric = required_field("Its name", "roc_auc")
    value = required_field("As measured on the test split", 0.85, fields.Float)
    interval = fields.List(
        fields.Float(),
        metadata={
            "description": "Bootstrap interval, 95 %: lower and upper end",
            "examples": [[0.83, 0.87]],
        },
    )
    threshold = fields.Float(
        metadata={
            "description": "The release command refuses a release beyond this",
            "examples": [0.8],
        }
    )


class ModelRelease(ma.Schema):
    """A release of the model."""

    version = required_field("Its name", "1.0.0")
    serving = required_field("Whether this release answers predictions", True, fields.Boolean)
    date = fields.String(
        required=True,
        metadata={"description": "Of the model card", "format": "date", "examples": ["2026-11-23"]},
    )
    metrics = fields.List(
        fields.Nested(Metric), required=True, metadata={"description": "Of the model card"}
    )
    decision_thresholds = fields.Dict(
        keys=fields.String(),
        values=fields.Float(),
        required=True,
        metadata={
            "description": "Per policy, the probability from which a customer is churn",
            "examples": [{"default": 0.5, "high_precision": 0.7, "high_recall": 0.3}],
        },
    )
    digests = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={
            "description": "SHA-256 of each file of the release, in hexadecimal",
            "examples": [{"scorecard.json": "0" * 64}],
        },
    )


class RefusedRelease(ma.Schema):
    """A release that is not served."""

    version = required_field("Its folder", "1.1.0")
    reason = required_field(
        "Why it is refused", "scorecard.json is not the file whose digest the card states"
    )


class ModelReleases(ma.Schema):
    """Every release on this server."""

    serving = required_field(
        "The release that answers predictions; null where none is sound", "1.0.0", allow_none=True
    )
    releases = fields.List(
        fields.Nested(ModelRelease), required=True, metadata={"description": "Newest first"}
    )
    refused = fields.List(
        fields.Nested(RefusedRelease),
        required=True,
        metadata={"description": "Releases that are damaged"},
    )
