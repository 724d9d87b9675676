"""Reads bodies and queries strictly, and reports the place of every fault. No Flask inside."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import marshmallow as ma
from werkzeug.datastructures import MultiDict
from werkzeug.http import parse_options_header

from app.http.problems import Problem
from app.http.strict_json import loads
from app.http.strict_json_reader import JSONError
from app.http.validation_faults import MAX_FAULTS, MAX_SHOWN, body_faults, parameter_faults
from app.observability.timing import timed

NOT_EXPLAINED = "not_explained"
"""Keyword of a ValidationError: how many more faults it counts than it explains."""

MALFORMED = "The body broke off or is malformed"

JSON = "application/json"


def check_media_type(content_type: str, encoding: str) -> None:
    """Check the headers that say what a body is.

    Args:
        content_type: `Content-Type`, or nothing.
        encoding: `Content-Encoding`, or nothing.

    Raises:
        Problem: the body isn't declared as JSON, or is encoded.
    """
    if content_type != JSON and (kind := parse_options_header(content_type)[0].lower()) != JSON:
        detail = f"Content-Type is {kind[:100] or 'missing'}; send {JSON}"
        raise Problem("unsupported-media-type", detail)
    if encoding and {coding.strip().lower() for coding in encoding.split(",")} - {"", "identity"}:
        detail = f"Content-Encoding is {encoding[:100]}; send the body without encoding"
        raise Problem("unsupported-media-type", detail)


def load_body(schema: ma.Schema, body: bytes) -> dict[str, Any]:
    """Read and validate a body, and note the time.

    Raises:
        Problem: the body isn't JSON, or breaks the schema; names each fault.
    """
    with timed("validation"):
        try:
            found: dict[str, Any] = schema.load(loads(body))
        except JSONError as error:
            errors = None
            if error.pointer is not None:
                errors = [{"pointer": error.pointer, "detail": error.detail}]
            raise Problem("malformed-json", error.detail, errors) from None
        except ma.ValidationError as error:
            faults, count = body_faults(error.messages, error.data)
            count += error.kwargs.get(NOT_EXPLAINED, 0)
            detail = _cannot_be_used(count, "body")
            raise Problem("invalid-input", detail, faults, error_count=count) from None
        return found


def load_query(schema: ma.Schema, query: bytes) -> dict[str, Any]:
    """Read and validate a query; most requests have none.

    Raises:
        Problem: an option is given twice or breaks the schema; names each fault.
    """
    text = query.decode(errors="replace")
    given = MultiDict(parse_qsl(text, keep_blank_values=True, errors="werkzeug.url_quote"))
    faults = [
        {"parameter": name, "detail": "Give it once", "value": values[1][:MAX_SHOWN]}
        for name, values in given.lists()
        if len(values) > 1
    ]
    if not faults:
        try:
            found: dict[str, Any] = schema.load(given.to_dict())
        except ma.ValidationError as error:
            faults = parameter_faults(error.messages, given)
        else:
            return found
    raise Problem("invalid-input", _cannot_be_used(len(faults), "query"), faults)


def _cannot_be_used(count: int, where: str) -> str:
    some = "1 value" if count == 1 else f"{count} values"
    more = f"; the first {MAX_FAULTS} are listed" if count > MAX_FAULTS else ""
    return f"{some} in the {where} cannot be used{more}"
