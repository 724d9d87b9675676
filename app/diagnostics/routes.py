"""`GET /diagnostics`."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import Flask, request
from marshmallow import fields, validate

from app.access import scope
from app.diagnostics.check_runs import CheckRuns
from app.diagnostics.checks import CHECKS
from app.http.blueprint import Blueprint
from app.http.problems import Problem
from app.http.shared_schemas import required_field, required_list
from app.resilience.time_limits import TimeLimits
from app.services import services, services_of

blp = Blueprint(
    "diagnostics",
    __name__,
    url_prefix="/diagnostics",
    description="Read-only checks of the running system",
)


class Diagnosis(ma.Schema):
    """The result of one check."""

    name = required_field("The check", "database")
    ok = required_field("Nothing is wrong here", True, fields.Boolean)
    measured = required_field("What was found", "answered in 0.4 ms")
    threshold = required_field("What is expected", "an answer within 250 ms")
    age = required_field(
        "Seconds since it was measured; those who ask at the same time share one run",
        0.2,
        fields.Float,
        validate=validate.Range(min=0),
    )


class Diagnoses(ma.Schema):
    """The results of all checks."""

    ok = required_field("Whether every check is ok", True, fields.Boolean)
    checks = required_list("Every check", Diagnosis)


@blp.route("")
@scope("operate")
@blp.doc(operationId="diagnose")
@blp.response(200, Diagnoses)
@blp.refuses(503)
def index() -> dict[str, Any]:
    """Run every check."""
    found = services().checks.results(CHECKS, request.environ["churn.started"])
    return {"ok": all(check["ok"] for check in found), "checks": found}


@blp.route(
    "/<name>",
    parameters=[
        {
            "in": "path",
            "name": "name",
            "required": True,
            "description": f"The check: one of {', '.join(CHECKS)}",
            "schema": {"type": "string"},
            "example": "model",
        }
    ],
)
@scope("operate")
@blp.doc(operationId="diagnoseOne")
@blp.response(200, Diagnosis)
@blp.refuses(404, 503)
def show(name: str) -> dict[str, Any]:
    """Run one check."""
    if name not in CHECKS:
        raise Problem("not-found", f"There is no check of that name; there are {', '.join(CHECKS)}")
    return services().checks.results([name], request.environ["churn.started"])[0]


def init_app(app: Flask, limits: TimeLimits) -> None:
    """Let the application's checks be run."""
    services_of(app).checks = CheckRuns(app, limits.check)
