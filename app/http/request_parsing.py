"""Reads the body and the query of the request that Flask answers."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

import marshmallow as ma
from flask import Request, request
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import RequestEntityTooLarge

from app.http.problems import Problem
from app.http.request_reading import MALFORMED, check_media_type, load_query

MOST_READ_PAST = 64 * 1024 * 1024
"""Bytes read of a body that is too large, so that its sender gets the answer."""


class QueryParser(FlaskParser):
    """Reads the queries of views with `load_query`."""

    def parse(self, argmap: Any, req: Request | None = None, **_: Any) -> Any:
        """Read and validate the query."""
        return load_query(argmap, (req or request).query_string)


class WholeNumber(ma.fields.Integer):
    """A whole number in a query, in ASCII digits; `int` also reads 1_0 and other scripts."""

    default_error_messages = {"invalid": "Give a whole number"}  # noqa: RUF012

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if not re.fullmatch(r"-?[0-9]{1,9}", value):
            raise self.make_error("invalid")
        return super()._deserialize(value, *args, **kwargs)


def json_body() -> bytes:
    """Read the body of a request that must send JSON.

    Raises:
        Problem: the body isn't declared as JSON, is encoded, or broke off.
        RequestEntityTooLarge: the body is too large.
    """
    headers = request.headers
    check_media_type(headers.get("Content-Type", ""), headers.get("Content-Encoding", ""))
    return whole_body()


def whole_body() -> bytes:
    """Read the body of a request, up to its `max_content_length`.

    Raises:
        Problem: the body broke off.
        RequestEntityTooLarge: the body is too large.
    """
    try:
        body = request.get_data()
        # A chunked body of any length would be cut at the limit without an error.
        whole = request.content_length is not None or len(body) < (request.max_content_length or 0)
        if not whole and request.environ["wsgi.input"].read(1):
            raise RequestEntityTooLarge
    except RequestEntityTooLarge:
        read_past()
        raise
    except Exception as error:  # the server has its own types
        raise Problem("bad-request", MALFORMED) from error
    if len(body) < (request.content_length or 0):
        raise Problem("bad-request", MALFORMED)
    return body


def read_past() -> None:
    """Read the body of a refused request; closing the connection early would lose the answer."""
    body, left = request.environ["wsgi.input"], MOST_READ_PAST
    with suppress(Exception):  # it breaks off, or the client stops sending
        while left > 0 and (block := body.read(min(left, 1 << 20))):
            left -= len(block)
