"""The ceiling: a WSGI callable that reads the body and answers a fixed JSON text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

BODY = b'{"prediction":"churn","pad":"' + b"x" * 900 + b'"}'  # as long as a real answer
HEADERS = [("Content-Type", "application/json"), ("Content-Length", str(len(BODY)))]


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer without looking."""
    environ["wsgi.input"].read()
    start_response("200 OK", HEADERS)
    return [BODY]
