"""`GET /models` and `GET /models/<version>`."""

from __future__ import annotations

from typing import Any

from app.access import scope
from app.http.blueprint import Blueprint
from app.http.problems import Problem
from app.releases.release_loader import Release
from app.releases.schemas import ModelRelease, ModelReleases
from app.services import services

blp = Blueprint("models", __name__, description="Releases of the model")


@blp.route("/models")
@scope("predict", "operate")
@blp.doc(operationId="listModels")
@blp.response(200, ModelReleases)
def index() -> dict[str, Any]:
    """List the releases, newest first, and name the one that serves."""
    known = services().releases
    return {
        "serving": known.serving.version if known.serving else None,
        "waiting": known.waiting.version if known.waiting else None,
        "releases": [describe(release) for release in known.all()],
        "refused": [
            {"version": version, "reason": refusal.reason}
            for version, refusal in sorted(known.refused.items())
        ],
    }


@blp.route(
    "/models/<version>",
    parameters=[
        {
            "in": "path",
            "name": "version",
            "required": True,
            "description": "The release; GET /models lists them",
            "schema": {"type": "string"},
            "example": "1.0.0",
        }
    ],
)
@scope("predict", "operate")
@blp.doc(operationId="getModel")
@blp.response(200, ModelRelease)
@blp.refuses(404)
def show(version: str) -> dict[str, Any]:
    """Describe one release: its metrics, thresholds, contract and digests."""
    if release := services().releases.get(version):
        return describe(release)
    raise Problem("not-found", f"There is no release {version[:50]} here; GET /models lists them")


def describe(release: Release) -> dict[str, Any]:
    """Describe a release as the API does."""
    known, approval = services().releases, release.approval
    return {
        "version": release.version,
        "serving": release is known.serving,
        "needs_restart": not known.can_answer(release),
        "contract": release.contract.digest,
        "approval": {"team": approval.team, "date": str(approval.date)} if approval else None,
        "date": str(release.card["date"]),
        "metrics": release.card["metrics"]["model_performance"],
        "decision_thresholds": release.card["metrics"]["decision_thresholds"],
        "digests": release.digests,
    }
