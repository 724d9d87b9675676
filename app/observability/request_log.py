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


class RequestRecord:
    """What the headers of an answer and a line of the log tell about one request.

    A caller's request id is kept if it is safe to print. The log has the path without the query,
    and never a body, so no feature value gets into it.

    Args:
        environ: of the request; gets its id and the time of its beginning, unless a server that
            let it wait has set that.
    """

    __slots__ = ("_environ", "_parts", "id", "started")

    def __init__(self, environ: dict[str, Any]) -> None:
        self.started: float = environ.setdefault("churn.started", perf_counter())
        given = environ.get("HTTP_X_REQUEST_ID", "")
        self.id = environ["churn.request_id"] = given if _ACCEPTABLE_ID(given) else new_id()
        self._environ = environ
        self._parts = begin()

    def tell(self, status: int) -> tuple[tuple[str, str], ...]:
        """Log the request, and return the headers: its id, `Process-Time` (ms), `Server-Timing`."""
        taken = f"{(perf_counter() - self.started) * 1000:.3f}"
        parts = self._parts
        if request_log.isEnabledFor(logging.INFO):
            fields = {
                "request_id": self.id,
                "method": self._environ["REQUEST_METHOD"],
                "path": self._environ.get("PATH_INFO", ""),
                "status": status,
                "process_time_ms": float(taken),
            }
            for name, seconds in parts.items():
                fields[f"{name}_ms"] = round(seconds * 1000, 3)
            request_log.handle(logging.makeLogRecord({**_RECORD, "fields": fields}))
        split = [f"{name};dur={seconds * 1000:.3f}" for name, seconds in parts.items()]
        return (
            ("X-Request-ID", self.id),
            ("Process-Time", taken),
            ("Server-Timing", ", ".join([*split, f"total;dur={taken}"])),
        )


class RequestLogMiddleware:
    """WSGI middleware that keeps a record of each request.

    It wraps Flask, so errors of routing and of Flask itself have one too.
    """

    def __init__(self, app: WSGI) -> None:
        self.app = app

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Serve one request."""
        record = RequestRecord(environ)

        def respond(status: str, headers: list[tuple[str, str]], *exc: Any) -> Any:
            headers += record.tell(int(status[:3]))
            return start_response(status, headers, *exc)

        return self.app(environ, respond)


def init_app(app: Flask) -> None:
    """Wrap the application."""
    app.wsgi_app = RequestLogMiddleware(app.wsgi_app)  # type: ignore[method-assign]
