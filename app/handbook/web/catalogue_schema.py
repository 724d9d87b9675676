"""Describes `/handbook.json` in the OpenAPI document."""

from __future__ import annotations

import marshmallow as ma
from flask import Flask
from marshmallow import fields, validate

from app.http.api import Api, describe_view
from app.http.shared_schemas import Address, required_field, required_list


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


class HandbookDocument(ma.Schema):
    """A document of the handbook."""

    kind = required_field(
        "What it is", "runbook", validate=validate.OneOf(["runbook", "adr", "guide", "model card"])
    )
    slug = required_field("Its name in addresses", "high-api-latency")
    title = required_field("Its heading", "High API latency")
    url = required_field("Its page on this service", "/runbooks/high-api-latency", Address)
    severity = required_field("P1, P2 or P3; null if it isn't a runbook", "P2", allow_none=True)
    alerts = required_list("Alert rules that lead here", fields.String, ["ChurnApiHighLatency"])
    owner = required_field("The team that keeps it", "Service team", allow_none=True)
    last_updated = required_field("Date of the last review", "2026-11-23", allow_none=True)
    review_by = required_field(
        "Date of the next review; null if none is due", "2027-02-21", allow_none=True
    )
    status = required_field("current or overdue; for a decision, its status", "current")
    findings = required_list("Places where it breaks the standard", HandbookFinding)


class Handbook(ma.Schema):
    """Every document of the handbook."""

    documents = required_list("Runbooks, decisions, guides, model cards", HandbookDocument)


def describe(app: Flask, api: Api) -> None:
    """Add `/handbook.json` to the OpenAPI document; its view must be registered."""
    describe_view(
        app,
        api,
        "/handbook.json",
        name="listDocuments",
        tag=("handbook", "Runbooks, decisions, guides, model card"),
        summary="List the handbook's documents with their state and findings.",
        content={"application/json": {"schema": Handbook}},
    )
