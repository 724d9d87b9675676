"""Describes `/handbook.json` in the OpenAPI document."""

from __future__ import annotations

import marshmallow as ma
from flask import Flask
from marshmallow import fields, validate

from app.http.api import Api, describe_view
from app.http.shared_schemas import Address, required_field, required_list

_KINDS = ["runbook", "adr", "guide", "incident", "experiment", "model card"]


class HandbookFinding(ma.Schema):
    """A place where a document breaks the standard."""

    level = required_field(
        "error: a rule of the standard; warning: an additional rule",
        "warning",
        validate=validate.OneOf(["error", "warning"]),
    )
    rule = required_field("The rule's name", "review-overdue")
    path = required_field("The document's file", "runbooks/high-api-latency.md")
    line = required_field("In the file", 12, fields.Integer, allow_none=True)
    message = required_field("What is wrong", "the last review is more than 90 days ago")


class CauseProof(ma.Schema):
    """What the last drill of a cause proved."""

    id = required_field("Of its heading", "cause-2-a-lock-on-the-table")
    name = required_field("Its name", "A lock on the table")
    state = required_field(
        "proven; changed: it, its check or its alert differs from what was proven; failed; never",
        "proven",
        validate=validate.OneOf(["proven", "changed", "failed", "never"]),
    )
    commit = required_field("That was drilled", "1a2b3c4", allow_none=True)
    at = required_field("When, in UTC", "2026-11-26T13:05:12Z", allow_none=True)


class RunbookProof(ma.Schema):
    """What the last drills of a runbook's causes proved."""

    causes = required_field("How many it has", 4, fields.Integer)
    proven = required_field("How many are proven as they are now", 3, fields.Integer)
    changed = required_field("How many changed since they were proven", 1, fields.Integer)
    at = required_field("The last drill, in UTC", "2026-11-26T13:05:12Z", allow_none=True)
    by_cause = required_list("The causes in their order", CauseProof)


class HandbookDocument(ma.Schema):
    """A document of the handbook."""

    kind = required_field(
        "What it is",
        "runbook",
        validate=validate.OneOf(_KINDS),
    )
    slug = required_field("Its name in addresses", "high-api-latency")
    title = required_field("Its heading", "High API latency")
    url = required_field("Its page on this service", "/runbooks/high-api-latency", Address)
    severity = required_field("P1, P2 or P3; null if it has none", "P2", allow_none=True)
    alerts = required_list("Alert rules that lead here", fields.String, ["ChurnApiHighLatency"])
    owner = required_field("The team that keeps it", "Service team", allow_none=True)
    last_updated = required_field(
        "Date of the last review, or of what it tells", "2026-11-23", allow_none=True
    )
    review_by = required_field(
        "Date of the next review; null if none is due", "2027-02-21", allow_none=True
    )
    status = required_field(
        "current or overdue; for a decision, its status; for an incident, open or closed; for an "
        "experiment, decided or undecided",
        "current",
    )
    causes = fields.List(
        required_field(
            "The heading of a runbook's cause",
            "/runbooks/database-slow-or-down#cause-2-a-lock-on-the-table",
            Address,
        ),
        required=True,
        metadata={"description": "An incident's causes; empty for other documents"},
    )
    proof = fields.Nested(
        RunbookProof,
        required=True,
        allow_none=True,
        metadata={"description": "Which of a runbook's causes the drills proved; null for others"},
    )
    findings = required_list("Places where it breaks the standard", HandbookFinding)


class Handbook(ma.Schema):
    """Every document of the handbook."""

    documents = required_list(
        "Runbooks, decisions, guides, incidents, experiments, model cards", HandbookDocument
    )


def describe(app: Flask, api: Api) -> None:
    """Add `/handbook.json` to the OpenAPI document; its view must be registered."""
    describe_view(
        app,
        api,
        "/handbook.json",
        name="listDocuments",
        tag=("handbook", "Runbooks, decisions, guides, incidents, experiments, model card"),
        summary="List the handbook's documents with their state and findings.",
        content={"application/json": {"schema": Handbook}},
    )
