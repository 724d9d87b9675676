"""Probes: whether the process is live, and whether it is ready for traffic."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import Response
from marshmallow import fields, validate

from app.access import public
from app.http.blueprint import Blueprint
from app.http.json_encoding import json_response
from app.http.shared_schemas import required_field
from app.releases import RETRY_AFTER
from app.releases.registry import NEEDS_RESTART, ReleaseRegistry
from app.services import Services, services

blp = Blueprint("health", __name__, description="Probes", url_prefix="/health")


class Live(ma.Schema):
    """The process is live."""

    status = required_field("That the process answers", "live", validate=validate.OneOf(["live"]))


class Part(ma.Schema):
    """The state of one part."""

    status = required_field(
        "Result of the last call or check", "ok", validate=validate.OneOf(["ok", "failing"])
    )
    detail = required_field("Why", "release 1.0.0, self-test passed")


class Readiness(ma.Schema):
    """Whether the service can do its work, and the state of each part."""

    status = required_field(
        "Whether to send traffic here", "ready", validate=validate.OneOf(["ready", "not ready"])
    )
    parts = fields.Dict(
        keys=fields.String(),
        values=fields.Nested(Part),
        required=True,
        metadata={"description": "The state of model, database and cache"},
    )


@blp.route("/live")
@public
@blp.doc(operationId="live")
@blp.response(200, Live)
def live() -> dict[str, str]:
    """Report that the process is live, without using anything else."""
    return liveness()


@blp.route("/ready")
@public
@blp.doc(operationId="ready")
@blp.response(200, Readiness)
@blp.alt_response(503, schema=Readiness, description="Not ready; `parts` says why")
def ready() -> Response:
    """Report whether a model is loaded and gives its stored scores.

    Reports the state of database and cache, too. The service is ready without them, because
    predictions from features need neither.
    """
    status, headers, body = readiness(services())
    response = json_response(body, status)
    response.headers.extend(headers)
    return response


def liveness() -> dict[str, str]:
    """Describe a live process."""
    return {"status": "live"}


def readiness(known: Services) -> tuple[int, list[tuple[str, str]], dict[str, Any]]:
    """Return status, headers and body of the answer whether the service is ready."""
    model = _model(known.releases)
    parts = {"model": model, **known.customers.states()}
    if model["status"] == "ok":  # predictions need no other part
        return 200, [], {"status": "ready", "parts": parts}
    return 503, [("Retry-After", str(RETRY_AFTER))], {"status": "not ready", "parts": parts}


def _model(known: ReleaseRegistry) -> dict[str, Any]:
    others = "".join(f"; {v} refused: {r.reason}" for v, r in sorted(known.refused.items()))
    if known.waiting:
        others += f"; {known.waiting.version} {NEEDS_RESTART}"
    if known.serving is None:
        return {"status": "failing", "detail": f"no release is in service{others}"}
    if failures := known.serving.scorecard.verify():
        return {"status": "failing", "detail": f"self-test: {failures[0]}"}
    return {"status": "ok", "detail": f"release {known.serving.version}, self-test passed{others}"}
