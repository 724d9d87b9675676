"""Adds headers and problems with examples to the OpenAPI document."""

from __future__ import annotations

from typing import Any

from apispec import APISpec, BasePlugin
from flask_smorest.utils import prepare_response
from werkzeug.http import HTTP_STATUS_CODES

from app.http import problems
from app.http.security_headers import about_customers
from app.http.shared_schemas import EXAMPLE_REQUEST_ID, ProblemDetails

_TEXT, _NUMBER = {"type": "string"}, {"type": "number", "minimum": 0}

HEADERS: dict[str, tuple[str, dict[str, Any]]] = {
    "REQUEST_ID": (
        "X-Request-ID",
        {
            "description": "The id sent, if it is safe to print, or a new one",
            "required": True,
            "schema": _TEXT,
            "example": EXAMPLE_REQUEST_ID,
        },
    ),
    "PROCESS_TIME": (
        "Process-Time",
        {
            "description": "Milliseconds from the arrival of the request to the head of the answer",
            "required": True,
            "schema": _NUMBER,
            "example": 0.412,
        },
    ),
    "SERVER_TIMING": (
        "Server-Timing",
        {
            "description": "The time of each part, as browsers show it; durations in milliseconds",
            "required": True,
            "schema": _TEXT,
            "example": "total;dur=0.412",
        },
    ),
    "RETRY_AFTER": (
        "Retry-After",
        {
            "description": "Seconds to wait before retrying",
            "required": True,
            "schema": {"type": "integer", "minimum": 1},
            "example": 2,
        },
    ),
    "WWW_AUTHENTICATE": (
        "WWW-Authenticate",
        {
            "description": "The ways to send a key, one on each line",
            "required": True,
            "schema": _TEXT,
            "example": 'Bearer realm="churn"',
        },
    ),
    "CACHE_CONTROL": (
        "Cache-Control",
        {
            "description": "No cache may store answers about customers, including errors",
            "required": True,
            "schema": {"type": "string", "enum": ["no-store"]},
            "example": "no-store",
        },
    ),
}
"""Headers by component name: the header's name and its description."""

_ALWAYS = ("REQUEST_ID", "PROCESS_TIME", "SERVER_TIMING")
_BY_STATUS = {401: "WWW_AUTHENTICATE", 429: "RETRY_AFTER", 503: "RETRY_AFTER"}


def headers(status: int) -> dict[str, str]:
    """Return the headers of an answer with this status, as references to components."""
    names = [*_ALWAYS, _BY_STATUS[status]] if status in _BY_STATUS else _ALWAYS
    return {HEADERS[name][0]: name for name in names}


class AnswersPlugin(BasePlugin):
    """Adds the headers to the answers of every operation."""

    def init_spec(self, spec: APISpec) -> None:
        """Name the headers."""
        for name, (_, header) in HEADERS.items():
            spec.components.header(name, header)

    def operation_helper(
        self,
        path: str | None = None,
        operations: dict[str, Any] | None = None,
        **_: Any,
    ) -> None:
        """Document the headers of an operation's answers, and the problems of all operations."""
        for operation in (operations or {}).values():
            # An invalid Host header is refused before the operation is looked up.
            responses = operation["responses"]
            responses.setdefault("400", "")
            for status, response in responses.items():
                if isinstance(response, dict):
                    response["headers"] = headers(int(status))
                    if about_customers(path or ""):
                        response["headers"][HEADERS["CACHE_CONTROL"][0]] = "CACHE_CONTROL"
                else:
                    responses[status] = response_name(int(status))


def response_name(status: int) -> str:
    """Return the name of an error's answer; names in http.HTTPStatus differ between Pythons."""
    return HTTP_STATUS_CODES[status].upper().replace(" ", "_")


def register_problems(spec: APISpec, prefix: str) -> None:
    """Register the answers to which operations refer by the name of their status.

    Args:
        spec: the document.
        prefix: the service's URL_PREFIX.
    """
    for status in sorted({kind.status for kind in problems.PROBLEM_TYPES.values()}):
        kinds = [kind for kind in problems.PROBLEM_TYPES.values() if kind.status == status]
        response: dict[str, Any] = {
            "description": "; or: ".join(kind.title for kind in kinds),
            "schema": ProblemDetails,
            "headers": headers(status),
            "examples": {
                kind.slug: {"summary": kind.title, "value": kind.answer(EXAMPLE_REQUEST_ID, prefix)}
                for kind in kinds
            },
        }
        prepare_response(response, spec, problems.MEDIA_TYPE)
        spec.components.response(response_name(status), response, lazy=True)
