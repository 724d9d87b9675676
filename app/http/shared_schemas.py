"""Shared schemas: a described field, a problem."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields

from app.http.validation_faults import MAX_FAULTS


class Address(fields.String):
    """An address on this service; the OpenAPI document puts URL_PREFIX before its examples."""


EXAMPLE_REQUEST_ID = "4bf92f3577b34da6a3ce929d0e0e4736"


def required_field(
    description: str, example: object, kind: type[fields.Field[Any]] = fields.String, **options: Any
) -> fields.Field[Any]:
    """Make a field that every answer has, with its description and an example."""
    metadata = {"description": description, "examples": [example]}
    return kind(required=True, metadata=metadata, **options)


def required_list(
    description: str, kind: type[ma.Schema | fields.Field[Any]], *examples: list[str]
) -> fields.Field[Any]:
    """Make a list that every answer has, of objects by their schema or of plain values."""
    inner = fields.Nested(kind) if issubclass(kind, ma.Schema) else kind()
    metadata = {"description": description} | ({"examples": examples} if examples else {})
    return fields.List(inner, required=True, metadata=metadata)


class InvalidValue(ma.Schema):
    """One fault of an invalid request."""

    pointer = fields.String(
        metadata={
            "description": "Its place in the body, a JSON pointer (RFC 6901)",
            "examples": ["/features/tenure"],
        }
    )
    parameter = fields.String(
        metadata={"description": "Its name in the query", "examples": ["reasons"]}
    )
    detail = required_field("What to send instead", "Give a whole number from 0 to 600 (months)")
    value = fields.Raw(
        allow_none=True,
        metadata={"description": "The value sent, if it is short", "examples": ["12"]},
    )


class ProblemDetails(ma.Schema):
    """An error as RFC 9457 defines it."""

    type = required_field(
        "The page that explains it and says what to do", "/problems/invalid-input", Address
    )
    title = required_field(
        "The type in words, the same for every problem of the type",
        "The request breaks the contract",
    )
    status = required_field("The HTTP status", 422, fields.Integer)
    detail = required_field("What is wrong with this request", "1 value in the body cannot be used")
    instance = required_field("The request id, under which the log has it", EXAMPLE_REQUEST_ID)
    errors = fields.List(
        fields.Nested(InvalidValue),
        metadata={"description": f"The faults of an invalid request, at most {MAX_FAULTS}"},
    )
    error_count = fields.Integer(
        metadata={
            "description": "The number of faults, including those that `errors` leaves out",
            "examples": [1],
        },
    )
