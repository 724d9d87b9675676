"""Writes answers as JSON: compact, and never NaN."""

from __future__ import annotations

import json
from typing import Any

import orjson
from flask import Response
from flask.json.provider import DefaultJSONProvider

_ENCODER = json.JSONEncoder(
    separators=(",", ":"), allow_nan=False, default=DefaultJSONProvider.default
)


class StrictJSONProvider(DefaultJSONProvider):
    """Flask's JSON provider with one encoder for all answers, which refuses NaN."""

    def dumps(self, obj: object, **kwargs: Any) -> str:
        """Write `obj` as compact JSON; keyword arguments need Flask's slower way."""
        return super().dumps(obj, **kwargs) if kwargs else _ENCODER.encode(obj)

    def response(self, *args: object, **kwargs: object) -> Response:
        """Answer `args` or `kwargs` as JSON."""
        return json_response(self._prepare_response_obj(args, kwargs))


def dumps(body: object) -> bytes:
    """Write `body` as compact JSON."""
    try:
        return orjson.dumps(body)
    except TypeError:  # for example an integer beyond 64 bits, sent back to its sender
        return _ENCODER.encode(body).encode()


def json_response(body: object, status: int = 200, mimetype: str = "application/json") -> Response:
    """Answer `body` as compact JSON."""
    return Response(dumps(body), status, content_type=mimetype)
