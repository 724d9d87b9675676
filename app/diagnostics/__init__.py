"""Named, read-only checks of the running system: what is wrong, and what isn't.

Each measures one part against a threshold and says both. `churn diagnose` runs them from a shell,
`GET /diagnostics` over HTTP. A runbook's causes name one under **Check**.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import click
import marshmallow as ma
from flask.cli import with_appcontext
from marshmallow import fields

from app.access import scope
from app.answers import member
from app.arguments import Blueprint
from app.diagnostics.checks import CHECKS
from app.problems import Problem

blp = Blueprint(
    "diagnostics",
    __name__,
    url_prefix="/diagnostics",
    description="Read-only checks of the running system",
)


class Diagnosis(ma.Schema):
    """What one check found."""

    name = member("The check", "database")
    ok = member("Nothing is wrong here", True, fields.Boolean)
    measured = member("What was found", "answered in 0.4 ms")
    threshold = member("What is expected", "an answer within 250 ms")


class Diagnoses(ma.Schema):
    """What every check found."""

    ok = member("Nothing is wrong anywhere", True, fields.Boolean)
    checks = fields.List(
        fields.Nested(Diagnosis), required=True, metadata={"description": "Every check"}
    )


@blp.route("")
@scope("operate")
@blp.doc(operationId="diagnose")
@blp.response(200, Diagnoses)
def index() -> dict[str, Any]:
    """Run every check."""
    found = [diagnose(name) for name in CHECKS]
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
@blp.alt_response(404, "NOT_FOUND")
def show(name: str) -> dict[str, Any]:
    """Run one check."""
    if name not in CHECKS:
        raise Problem("not-found", f"There is no check of that name; there are {', '.join(CHECKS)}")
    return diagnose(name)


def diagnose(name: str) -> dict[str, Any]:
    """Run one check by name."""
    return {"name": name, **asdict(CHECKS[name]())}


@click.command("diagnose")
@click.argument("names", nargs=-1, type=click.Choice(list(CHECKS)), metavar="[NAME]...")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_appcontext
def command(names: tuple[str, ...], as_json: bool) -> None:
    """Say what is wrong, and what isn't; exit status 1 where something is."""
    found = [diagnose(name) for name in names or CHECKS]
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        for check in found:
            state = "ok     " if check["ok"] else "FINDING"
            click.echo(
                f"{state}  {check['name']}: {check['measured']} (expected: {check['threshold']})"
            )
    raise SystemExit(0 if all(check["ok"] for check in found) else 1)
