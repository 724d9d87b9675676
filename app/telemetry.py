"""What every answer says about itself: request id and time taken; and the log's format."""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Any

from flask import Flask

WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_ACCEPTABLE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}\Z").match


class Timing:
    """WSGI middleware: `X-Request-ID`, `Process-Time` (milliseconds) and `Server-Timing`.

    It stands outside Flask, so that errors of routing and of Flask itself carry them too.
    A request id given by the caller is kept where it is safe to print.
    """

    def __init__(self, app: WSGI) -> None:
        self.app = app

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Serve one request."""
        started = perf_counter()
        given = environ.get("HTTP_X_REQUEST_ID", "")
        request_id = given if _ACCEPTABLE_ID(given) else uuid.uuid4().hex
        environ["churn.request_id"] = request_id

        def respond(status: str, headers: list[tuple[str, str]], *exc: Any) -> Any:
            taken = f"{(perf_counter() - started) * 1000:.3f}"
            headers += (
                ("X-Request-ID", request_id),
                ("Process-Time", taken),
                ("Server-Timing", f"total;dur={taken}"),
            )
            return start_response(status, headers, *exc)

        return self.app(environ, respond)


def init_app(app: Flask, level: str) -> None:
    """Wrap the application and set the log's level."""
    app.wsgi_app = Timing(app.wsgi_app)  # type: ignore[method-assign]
    app.logger.setLevel(logging.getLevelNamesMapping()[level])
