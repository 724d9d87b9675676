"""`GET /models` and `GET /models/<version>`."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields

from app.access import scope
from app.arguments import Blueprint
from app.problems import Problem
from app.releases import releases
from app.releases.registry import Release

blp = Blueprint("models", __name__, description="Releases of the model")


class Metric(ma.Schema):
    """One figure of the model card."""

    metric = fields.String(required=True)
    value = fields.Float(required=True)
    interval = fields.List(
        fields.Float(), metadata={"description": "Bootstrap interval, 95 %: lower and upper end"}
    )
    threshold = fields.Float(
        metadata={"description": "The release command refuses a release beyond this"}
    )


class ModelRelease(ma.Schema):
    """A release of the model."""

    version = fields.String(required=True)
    serving = fields.Boolean(
        required=True, metadata={"description": "Whether this release answers predictions"}
    )
    date = fields.String(required=True, metadata={"description": "Of the model card"})
    metrics = fields.List(fields.Nested(Metric), required=True)
    decision_thresholds = fields.Dict(
        keys=fields.String(),
        values=fields.Float(),
        required=True,
        metadata={"description": "Per policy, the probability from which a customer is churn"},
    )
    digests = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={"description": "SHA-256 of each file of the release"},
    )


class RefusedRelease(ma.Schema):
    """A release that is not served."""

    version = fields.String(required=True)
    reason = fields.String(required=True)


class ModelReleases(ma.Schema):
    """Every release on this server."""

    serving = fields.String(required=True, allow_none=True)
    releases = fields.List(fields.Nested(ModelRelease), required=True)
    refused = fields.List(fields.Nested(RefusedRelease), required=True)


@blp.route("/models")
@scope("predict", "operate")
@blp.doc(operationId="listModels")
@blp.response(200, ModelReleases)
def index() -> dict[str, Any]:
    """List the releases, newest first, and say which one serves."""
    known = releases()
    return {
        "serving": known.serving.version if known.serving else None,
        "releases": [describe(release) for release in known.all()],
        "refused": [{"version": v, "reason": why} for v, why in sorted(known.refused.items())],
    }


@blp.route("/models/<version>")
@scope("predict", "operate")
@blp.doc(operationId="getModel")
@blp.response(200, ModelRelease)
@blp.alt_response(404, "NOT_FOUND")
def show(version: str) -> dict[str, Any]:
    """Describe one release: its metrics, thresholds and digests."""
    if release := releases().get(version):
        return describe(release)
    raise Problem("not-found", f"There is no release {version[:50]} here; GET /models lists them")


def describe(release: Release) -> dict[str, Any]:
    """A release as the API tells of it."""
    return {
        "version": release.version,
        "serving": release is releases().serving,
        "date": str(release.card["date"]),
        "metrics": release.card["metrics"]["model_performance"],
        "decision_thresholds": release.card["metrics"]["decision_thresholds"],
        "digests": release.digests,
    }
