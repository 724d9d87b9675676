"""Reads bodies and queries strictly, and reports the place of every fault."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any, NoReturn

import marshmallow as ma
from flask import Request
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import RequestEntityTooLarge

from app.http.problems import Problem
from app.http.strict_json import loads
from app.http.strict_json_reader import JSONError
from app.http.validation_faults import MAX_FAULTS, MAX_SHOWN, body_faults, parameter_faults
from app.observability.timing import timed

_BROKEN_OFF = "The body broke off or is malformed"

MOST_READ_PAST = 64 * 1024 * 1024
"""Bytes read of a body that is too large, so that its sender gets the answer."""


class StrictParser(FlaskParser):
    """Reads bodies with `strict_json` and answers faults as problems."""

    # A misspelt option is refused instead of ignored.
    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {  # noqa: RUF012
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": ma.RAISE,
    }

    def parse(self, argmap: Any, req: Request | None = None, **kwargs: Any) -> Any:
        """Read and validate a body or query, and note the time for a body."""
        if kwargs.get("location") == "query":
            return super().parse(argmap, req, **kwargs)
        with timed("validation"):
            return super().parse(argmap, req, **kwargs)

    def load_json(self, req: Request, schema: ma.Schema) -> Any:  # noqa: ARG002 - webargs' signature
        """Read the body.

        Raises:
            Problem: the body isn't declared as JSON, is encoded, broke off, or isn't valid JSON.
            RequestEntityTooLarge: the body is too large.
        """
        if req.mimetype != "application/json":
            given = req.mimetype or "missing"
            raise Problem(
                "unsupported-media-type", f"Content-Type is {given[:100]}; send application/json"
            )
        encoding = req.headers.get("Content-Encoding", "")
        if {coding.strip().lower() for coding in encoding.split(",")} - {"", "identity"}:
            detail = f"Content-Encoding is {encoding[:100]}; send the body without encoding"
            raise Problem("unsupported-media-type", detail)
        try:
            return loads(_body(req))
        except JSONError as error:
            errors = None
            if error.pointer is not None:
                errors = [{"pointer": error.pointer, "detail": error.detail}]
            raise Problem("malformed-json", error.detail, errors) from None

    def load_querystring(self, req: Request, schema: ma.Schema) -> Any:
        """Read the query; most requests have none.

        Raises:
            Problem: an option is given twice.
        """
        if not req.query_string:
            return {}
        faults = [
            {"parameter": name, "detail": "Give it once", "value": values[1][:MAX_SHOWN]}
            for name, values in req.args.lists()
            if len(values) > 1
        ]
        if faults:
            raise Problem("invalid-input", _cannot_be_used(len(faults), "query"), faults)
        return super().load_querystring(req, schema)

    def handle_error(
        self,
        error: ma.ValidationError,
        req: Request,
        schema: ma.Schema,  # noqa: ARG002 - webargs' signature
        **_: Any,
    ) -> NoReturn:
        """Raise the problem of what a schema refused, each fault with its pointer and value."""
        ((location, messages),) = error.messages_dict.items()
        if location == "query":
            faults = parameter_faults(messages, req.args)
            raise Problem("invalid-input", _cannot_be_used(len(faults), "query"), faults)
        faults, count = body_faults(messages, error.data)
        count += error.kwargs.get(NOT_EXPLAINED, 0)
        raise Problem("invalid-input", _cannot_be_used(count, "body"), faults, error_count=count)


NOT_EXPLAINED = "not_explained"
"""Keyword of a ValidationError: how many more faults it counts than it explains."""


def _cannot_be_used(count: int, where: str) -> str:
    some = "1 value" if count == 1 else f"{count} values"
    more = f"; the first {MAX_FAULTS} are listed" if count > MAX_FAULTS else ""
    return f"{some} in the {where} cannot be used{more}"


class WholeNumber(ma.fields.Integer):
    """A whole number in a query, in ASCII digits; `int` also reads 1_0 and other scripts."""

    default_error_messages = {"invalid": "Give a whole number"}  # noqa: RUF012

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if not re.fullmatch(r"-?[0-9]{1,9}", value):
            raise self.make_error("invalid")
        return super()._deserialize(value, *args, **kwargs)


def _body(req: Request) -> bytes:
    try:
        body = req.get_data()
        # A chunked body of any length would be cut at the limit without an error.
        whole = req.content_length is not None or len(body) < (req.max_content_length or 0)
        if not whole and req.environ["wsgi.input"].read(1):
            raise RequestEntityTooLarge
    except RequestEntityTooLarge:
        with suppress(Exception):  # it breaks off, or the client stops sending
            _read_past(req)
        raise
    except Exception as error:  # the server has its own types
        raise Problem("bad-request", _BROKEN_OFF) from error
    if len(body) < (req.content_length or 0):
        raise Problem("bad-request", _BROKEN_OFF)
    return body


def _read_past(req: Request) -> None:
    """Read a refused body; closing the connection early would lose the answer."""
    body, left = req.environ["wsgi.input"], MOST_READ_PAST
    while left > 0 and (block := body.read(min(left, 1 << 20))):
        left -= len(block)
