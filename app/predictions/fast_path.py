"""Answers `POST /predict`, as most callers send it, without Flask's dispatch.

The dispatch takes several times as long as the score. Flask still answers requests with a query, an
invalid body or a caller without access, and says what is wrong. The answers here equal those of
the view, and are counted and logged like them: tests/predictions proves it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from io import BytesIO
from time import perf_counter
from typing import Any

from flask import Flask

from app.config import Settings
from app.http import security_headers
from app.http.json_encoding import dumps
from app.http.strict_json import loads
from app.observability.metrics import observe_answer
from app.observability.timing import note
from app.predictions.service import PATH, SCOPE, count_predictions, scorer
from app.predictions.validation import read_request
from app.services import services_of

WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_SCOPES = frozenset((SCOPE,))

MAX_BODY_BYTES = 16 * 1024
"""Bytes of a body that is answered here; a valid one has some hundreds."""

_HOST = re.compile(
    r"([\w-]{1,63}\.)*[\w-]{1,63}(:\d{1,5})?|\[[\da-f:.]+\](:\d{1,5})?", re.ASCII
).fullmatch
"""A host that is plainly valid; Flask checks the others, and refuses some."""


class FastPath:
    """The innermost WSGI middleware; it uses only the services that `init_app`s registered."""

    def __init__(self, app: Flask) -> None:
        self._flask = app.wsgi_app
        self._services = services_of(app)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer, or let Flask answer."""
        if (
            environ["PATH_INFO"] == PATH
            and environ["REQUEST_METHOD"] == "POST"
            and environ.get("CONTENT_TYPE") == "application/json"
            and not environ.get("QUERY_STRING")
            and "HTTP_CONTENT_ENCODING" not in environ
            and _HOST(environ.get("HTTP_HOST", "localhost"))
        ):
            answer = self._answer(environ)
            if answer is not None:
                start_response(
                    "200 OK",
                    [
                        ("Content-Type", "application/json"),
                        ("Content-Length", str(len(answer))),
                        security_headers.NO_SNIFF,
                        security_headers.NO_STORE,
                    ],
                )
                return [answer]
        return self._flask(environ, start_response)

    def _answer(self, environ: dict[str, Any]) -> bytes | None:
        """Return the answer, or None if Flask must give it."""
        length = environ.get("CONTENT_LENGTH", "")
        if not (length.isdecimal() and int(length) <= MAX_BODY_BYTES):
            return None
        try:
            caller = self._services.guard.caller(environ, _SCOPES)
            body = _read(environ, int(length))
            began = perf_counter()
            releases = self._services.releases
            read = read_request(releases.contract, loads(body))
            release = releases.serving
            if read is None or release is None or not self._within_limits(caller):
                return None
            checked = perf_counter()
            scored = scorer(release).score(read["features"], read["policy"])
            ended = perf_counter()
            answer = dumps(scored)
        except Exception:
            return None  # Flask runs into it again; its handlers answer, count and log it
        note("validation", checked - began)
        note("model", ended - checked)
        count_predictions(scored, scored["prediction"])
        observe_answer("POST", PATH, 200, environ["churn.started"])
        return answer

    def _within_limits(self, caller: str) -> bool:
        """Count the request if RATE_LIMIT is set; Flask counts one that exceeds it again."""
        within = self._services.within_rate_limit
        return within is None or within(caller)


def _read(environ: dict[str, Any], length: int) -> bytes:
    """Read the body, and leave it to be read again.

    Raises:
        Exception: the body broke off. Flask then finds it too short and doesn't wait again.
    """
    body: bytes = b""
    stream = environ["wsgi.input"]
    try:
        body = stream.read(length)
    finally:
        environ["wsgi.input"] = BytesIO(body)
    if len(body) < length:
        raise EOFError
    return body


def init_app(app: Flask, settings: Settings) -> None:
    """Answer plain requests directly; registered first, so that all other middleware wraps it.

    Traced requests all go through Flask: the tracing library needs its dispatch.
    """
    if not settings.tracing_endpoint:
        app.wsgi_app = FastPath(app)  # type: ignore[method-assign]
