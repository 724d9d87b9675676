"""One log line for each request, and headers that describe each answer."""

from __future__ import annotations

import logging
import logging.config
import re
from collections.abc import Callable, Iterable
from random import getrandbits
from time import perf_counter
from typing import Any

from flask import Flask

from app.observability.timing import begin

WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_ACCEPTABLE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}\Z").match

request_log = logging.getLogger("app.requests")

_RECORD = {
    "name": request_log.name,
    "levelno": logging.INFO,
    "levelname": "INFO",
    "msg": "request",
}
"""The level of each line. `Logger.info` would look up its caller, which no line shows."""


def new_id() -> str:
    """Make an id for a request that has none."""
    return f"{getrandbits(128):032x}"


class RequestLogMiddleware:
    """WSGI middleware: `X-Request-ID`, `Process-Time` (milliseconds), `Server-Timing`, the log.

    It wraps Flask, so errors of routing and of Flask itself have them too. A caller's request id is
    kept if it is safe to print. The log has the path without the query, and never a body, so no
    feature value gets into it.
    """

    def __init__(self, app: WSGI) -> None:
        self.app = app

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Serve one request."""
        environ["churn.started"] = started = perf_counter()
        given = environ.get("HTTP_X_REQUEST_ID", "")
        request_id = given if _ACCEPTABLE_ID(given) else new_id()
        environ["churn.request_id"] = request_id
        parts = begin()

        def respond(status: str, headers: list[tuple[str, str]], *exc: Any) -> Any:
            taken = f"{(perf_counter() - started) * 1000:.3f}"
            split = [f"{name};dur={seconds * 1000:.3f}" for name, seconds in parts.items()]
            headers += (
                ("X-Request-ID", request_id),
                ("Process-Time", taken),
                ("Server-Timing", ", ".join([*split, f"total;dur={taken}"])),
            )
            if request_log.isEnabledFor(logging.INFO):
                fields = {
                    "request_id": request_id,
                    "method": environ["REQUEST_METHOD"],
                    "path": environ.get("PATH_INFO", ""),
                    "status": int(status[:3]),
                    "process_time_ms": float(taken),
                }
                for name, seconds in parts.items():
                    fields[f"{name}_ms"] = round(seconds * 1000, 3)
                request_log.handle(logging.makeLogRecord({**_RECORD, "fields": fields}))
            return start_response(status, headers, *exc)

        return self.app(environ, respond)


def init_app(app: Flask) -> None:
    """Wrap the application."""
    app.wsgi_app = RequestLogMiddleware(app.wsgi_app)  # type: ignore[method-assign]
