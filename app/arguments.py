"""How request bodies and queries are read: strictly, and with a place for every fault."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import Any, NoReturn

import flask_smorest
import marshmallow as ma
from flask import Request
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import RequestEntityTooLarge

from app.parts import part
from app.problems import Problem
from app.strict_json import JSONError, loads, pointer

MAX_FAULTS = 25_000
"""Faults that are named at the most: more than the largest batch can have, each value wrong."""

MAX_SHOWN = 100
"""Characters of a refused text that are sent back."""

_BROKEN_OFF = "The body broke off, or breaks HTTP's own rules"

MOST_READ_PAST = 64 * 1024 * 1024
"""Bytes of a body that is too large which are read for its sender to hear the answer."""


class StrictParser(FlaskParser):
    """Reads bodies with `strict_json` and answers faults as problems."""

    # A misspelt option is refused rather than ignored.
    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {  # noqa: RUF012
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": ma.RAISE,
    }

    def parse(self, argmap: Any, req: Request | None = None, **kwargs: Any) -> Any:
        """Read and validate; how long a body took is noted."""
        if kwargs.get("location") == "query":
            return super().parse(argmap, req, **kwargs)
        with part("validation"):
            return super().parse(argmap, req, **kwargs)

    def load_json(self, req: Request, schema: ma.Schema) -> Any:  # noqa: ARG002 - webargs' signature
        """Read the body.

        Raises:
            Problem: the body isn't declared as JSON, is encoded, broke off, or isn't acceptable
                JSON.
            RequestEntityTooLarge: its body has more bytes than are read.
        """
        if req.mimetype != "application/json":
            given = req.mimetype or "missing"
            raise Problem(
                "unsupported-media-type", f"Content-Type is {given[:100]}; send application/json"
            )
        encoding = req.headers.get("Content-Encoding", "identity")
        if encoding != "identity":
            detail = f"Content-Encoding is {encoding[:100]}; send the body as it is"
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
            raise Problem("invalid-input", _cannot_be_used(faults, "query"), faults)
        return super().load_querystring(req, schema)

    def handle_error(
        self,
        error: ma.ValidationError,
        req: Request,
        schema: ma.Schema,  # noqa: ARG002 - webargs' signature
        **_: Any,
    ) -> NoReturn:
        """Answer what a schema refused, each fault with its pointer and value."""
        ((location, messages),) = error.messages_dict.items()
        if location == "query":
            faults = parameter_faults(messages, req.args)
        else:
            faults = body_faults(messages, error.data)
        where = "query" if location == "query" else "body"
        raise Problem("invalid-input", _cannot_be_used(faults, where), faults)


def _cannot_be_used(faults: list[dict[str, Any]], where: str) -> str:
    some = "1 value" if len(faults) == 1 else f"{len(faults)} values"
    return f"{some} in the {where} cannot be used"


class WholeNumber(ma.fields.Integer):
    """A whole number of a query, in digits; `int` would read 1_0 and the digits of any script."""

    default_error_messages = {"invalid": "Give a whole number"}  # noqa: RUF012

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if not re.fullmatch(r"-?[0-9]{1,9}", value):
            raise self.make_error("invalid")
        return super()._deserialize(value, *args, **kwargs)


class Blueprint(flask_smorest.Blueprint):
    """flask-smorest's blueprint with the strict parser."""

    ARGUMENTS_PARSER = StrictParser()

    def alt_response(self, *args: Any, **kwargs: Any) -> Callable[..., Any]:
        """Document a status; flask-smorest's own would also wrap the view once for each."""
        document = super().alt_response(*args, **kwargs)

        def decorator(view: Any) -> Any:
            view._apidoc = document(view)._apidoc
            return view

        return decorator


def _body(req: Request) -> bytes:
    try:
        body = req.get_data()
        # In pieces (chunked), a body of any length is read up to the limit without a word.
        whole = req.content_length is not None or len(body) < (req.max_content_length or 0)
        if not whole and req.environ["wsgi.input"].read(1):
            raise RequestEntityTooLarge
    except RequestEntityTooLarge:
        with suppress(Exception):  # it breaks off, or its sender falls silent
            _read_past(req)
        raise
    except Exception as error:  # of the server's own types
        raise Problem("bad-request", _BROKEN_OFF) from error
    if len(body) < (req.content_length or 0):
        raise Problem("bad-request", _BROKEN_OFF)
    return body


def _read_past(req: Request) -> None:
    """Read a body that is refused: a connection closed on a sender breaks before the answer."""
    body, left = req.environ["wsgi.input"], MOST_READ_PAST
    while left > 0 and (block := body.read(min(left, 1 << 20))):
        left -= len(block)


def body_faults(messages: Any, body: Any) -> list[dict[str, Any]]:
    """What a schema refused of a body: pointer, detail, and the value where it is short.

    Args:
        messages: of a marshmallow ValidationError.
        body: what was loaded.
    """
    faults = []
    for path, detail in islice(_flatten(messages, body), MAX_FAULTS):
        fault: dict[str, Any] = {"pointer": pointer(*path), "detail": detail}
        found = _find(body, path)
        if isinstance(found, str):
            found = found if len(found) <= MAX_SHOWN else found[:MAX_SHOWN] + "…"
        if not isinstance(found, dict | list) and found is not ...:
            fault["value"] = found
        faults.append(fault)
    return faults


def parameter_faults(messages: Any, query: Mapping[str, str]) -> list[dict[str, Any]]:
    """What a schema refused of a query: parameter, detail and value."""
    return [
        {"parameter": str(name), "detail": detail, "value": query.get(str(name), "")[:MAX_SHOWN]}
        for (name, *_), detail in _flatten(messages, query)
    ]


def _flatten(
    messages: Any, sent: Any, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """List marshmallow's nested messages as (path, message).

    What is wrong with an object as a whole stands under `_schema`, which may be a sent name too.
    """
    if isinstance(messages, dict):
        for key, below in messages.items():
            whole = key == "_schema" and _find(sent, (*path, key)) is ...
            yield from _flatten(below, sent, path if whole else (*path, key))
    else:
        for message in messages:
            yield path, str(message)


def _find(body: Any, path: tuple[str | int, ...]) -> Any:
    """The value at a path, or Ellipsis where nothing was sent."""
    for step in path:
        try:
            body = body[step]
        except (KeyError, IndexError, TypeError):
            return ...
    return body
