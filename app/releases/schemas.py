"""What the API says about releases."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from app.http.shared_schemas import required_field, required_list


class Metric(ma.Schema):
    """One figure of the model card."""

    metric = required_field("Its name", "roc_auc")
    value = required_field("As measured on the test split", 0.85, fields.Float)
    interval = fields.List(
        fields.Float(),
        metadata={
            "description": "95% bootstrap interval: lower and upper end",
            "examples": [[0.83, 0.87]],
        },
    )
    threshold = fields.Float(
        metadata={
            "description": "`churn model release` refuses a release whose value is worse",
            "examples": [0.8],
        }
    )


class ReleaseApproval(ma.Schema):
    """Who approved a release for service."""

    team = required_field("The team", "ML engineers")
    date = fields.String(
        required=True,
        metadata={"description": "The day", "format": "date", "examples": ["2026-11-29"]},
    )


class ModelRelease(ma.Schema):
    """A release of the model."""

    version = required_field("Its name", "1.0.0")
    serving = required_field("Whether this release answers predictions", True, fields.Boolean)
    needs_restart = required_field(
        "Whether it can answer only after a restart: its feature contract differs from the one "
        "that this server checks requests against",
        False,
        fields.Boolean,
    )
    contract = required_field(
        "SHA-256 of what its feature contract accepts, in hexadecimal", "0" * 64
    )
    date = fields.String(
        required=True,
        metadata={"description": "Of the model card", "format": "date", "examples": ["2026-11-23"]},
    )
    approval = fields.Nested(
        ReleaseApproval,
        required=True,
        allow_none=True,
        metadata={"description": "Of these bytes; null if nobody approved them"},
    )
    metrics = required_list("Of the model card", Metric)
    decision_thresholds = fields.Dict(
        keys=fields.String(),
        values=fields.Float(),
        required=True,
        metadata={
            "description": "For each policy, the probability at or above which a customer is "
            "flagged as churn",
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
    """A release that cannot serve."""

    version = required_field("Its folder", "1.1.0")
    reason = required_field(
        "Why it is refused", "scorecard.json is not the file whose digest the card states"
    )


class ModelReleases(ma.Schema):
    """Every release on this server."""

    serving = required_field(
        "The release that answers predictions; null if none can", "1.0.0", allow_none=True
    )
    waiting = required_field(
        "The release that was promoted and serves after a restart, because its feature contract "
        "differs; null if there is none",
        None,
        allow_none=True,
    )
    releases = required_list("Newest first", ModelRelease)
    refused = required_list("Releases that are damaged", RefusedRelease)
