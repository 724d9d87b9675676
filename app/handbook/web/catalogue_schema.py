"""`/handbook.json` in the OpenAPI document."""

from __future__ import annotations

import marshmallow as ma
from flask import Flask
from marshmallow import fields, validate

from app.http.api import Api, describe_view
from app.http.shared_schemas import member


class HandbookFinding(ma.Schema):
    """Where a document departs from the standard."""

    level = member(
        "error: the standard is broken; warning: ours asks for more",
        "warning",
        validate=validate.OneOf(["error", "warning"]),
    )
    rule = member("The rule's name", "review-overdue")
    path = member("The document's file", "runbooks/high-api-latency.md")
    line = member("In the file", 12, fields.Integer, allow_none=True)
    message = member("What is wrong", "the last review is more than 90 days ago")


class HandbookDocument(ma.Schema):
    """A document of the handbook."""

    kind = member(
        "What it is", "runbook", validate=validate.OneOf(["runbook", "adr", "guide", "model card"])
    )
    slug = member("Its name in addresses", "high-api-latency")
    title = member("Its heading", "High API latency")
    url = member("Its page on this service", "/runbooks/high-api-latency")
    severity = member("P1, P2 or P3; null where it is no runbook", "P2", allow_none=True)
    alerts = fields.List(
        fields.String(),
        required=True,
        metadata={
            "description": "Alert rules that lead here",
            "examples": [["ChurnApiHighLatency"]],
        },
    )
    owner = member("The team that keeps it", "Service team", allow_none=True)
    last_updated = member("Date of the last review", "2026-11-23", allow_none=True)
    review_by = member("Date of the next; null where none is due", "2027-02-21", allow_none=True)
    status = member("current or overdue; of a decision, its status", "current")
    findings = fields.List(
        fields.Nested(HandbookFinding),
        required=True,
        metadata={"description": "Where it departs from the standard"},
    )


class Handbook(ma.Schema):
    """Every document of the handbook."""

    documents = fields.List(
        fields.Nested(HandbookDocument),
        required=True,
        metadata={"description": "Runbooks, decisions, guides, model cards"},
    )


def describe(app: Flask, api: Api) -> None:
    """Add `/handbook.json` to the document, once its view is registered."""
    describe_view(
        app,
        api,
        "/handbook.json",
        name="listDocuments",
        tag=("handbook", "Runbooks, decisions, guides, model card"),
        summary="List the handbook's documents with their state and findings.",
        content={"application/json": {"schema": Handbook}},
    )
