"""`GET /diagnostics`."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import marshmallow as ma
from flask import Flask, request
from marshmallow import fields, validate

from app.access import scope
from app.diagnostics.check_runs import CheckRuns, verdict
from app.diagnostics.checks import GROUPS, names
from app.diagnostics.health import readiness
from app.http.blueprint import Blueprint
from app.http.problems import Problem
from app.http.shared_schemas import required_field, required_list
from app.resilience.time_limits import TimeLimits
from app.services import services, services_of

KNOWN = ", ".join([*GROUPS, *names()])

blp = Blueprint(
    "diagnostics",
    __name__,
    url_prefix="/diagnostics",
    description="Read-only checks of the running system",
)


class Diagnosis(ma.Schema):
    """The result of one check."""

    name = required_field("The check or the group of checks", "database.locks")
    ok = required_field(
        "Whether this is not what is wrong; null: the check itself failed, or hangs",
        False,
        fields.Boolean,
        allow_none=True,
    )
    measured = required_field("What was found", "1 wait for a lock, held by 4711")
    threshold = required_field("What is expected", "nothing waits for a lock for 1 s")
    since = required_field(
        "When it began, if that is known", "2026-11-24T03:12:08Z", allow_none=True
    )
    age = required_field(
        "Seconds since it was measured; those who ask at the same time share one run",
        0.2,
        fields.Float,
        validate=validate.Range(min=0),
    )


class Diagnoses(ma.Schema):
    """The results of all checks."""

    ok = required_field(
        "Whether every check is ok; null: none found anything, but one could not judge",
        True,
        fields.Boolean,
        allow_none=True,
    )
    checks = required_list("Every check", Diagnosis)


@blp.route("")
@scope("operate")
@blp.doc(operationId="diagnose")
@blp.response(200, Diagnoses)
@blp.refuses(503)
def index() -> dict[str, Any]:
    """Run every check."""
    found = services().checks.results(names(), request.environ["churn.started"])
    return {"ok": verdict(found), "checks": found}


@blp.route(
    "/<name>",
    parameters=[
        {
            "in": "path",
            "name": "name",
            "required": True,
            "description": f"A check, or a group of them: {KNOWN}",
            "schema": {"type": "string"},
            "example": "database.locks",
        }
    ],
)
@scope("operate")
@blp.doc(operationId="diagnoseOne")
@blp.response(200, Diagnosis)
@blp.refuses(404, 503)
def show(name: str) -> dict[str, Any]:
    """Run one check, or a group of checks, whose findings are one result."""
    try:
        return services().checks.answer(name, request.environ["churn.started"])
    except KeyError:
        message = f"There is no check of that name; there are {KNOWN}"
        raise Problem("not-found", message) from None


def init_app(app: Flask, limits: TimeLimits) -> None:
    """Let the application's checks be run, and other parts ask whether it is ready."""
    known = services_of(app)
    known.checks = CheckRuns(app, limits.check)
    known.is_ready = lambda: readiness(known)[0] == HTTPStatus.OK
