"""`POST /predict` as most callers send it, answered without Flask's dispatch.

That costs several times what the score does. Whatever is not plain, a query or a body that breaks
the contract, a caller who may not, is left to Flask, which says what is wrong; what is answered
here is what the view would answer, and counted and logged alike. tests/predictions holds the two
ways equal.
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
"""Bytes of a body that is taken; a valid one has some hundreds."""

_HOST = re.compile(
    r"([\w-]{1,63}\.)*[\w-]{1,63}(:\d{1,5})?|\[[\da-f:.]+\](:\d{1,5})?", re.ASCII
).fullmatch
"""A host that needs no second look; Flask looks at the others, and refuses some."""


class FastPath:
    """WSGI middleware, the innermost: it needs nothing of Flask but what `init_app`s left there."""

    def __init__(self, app: Flask) -> None:
        self._flask = app.wsgi_app
        self._services = services_of(app)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer, or have Flask answer."""
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
        """The answer, or None where it is Flask's to give."""
        length = environ.get("CONTENT_LENGTH", "")
        if not (length.isdecimal() and int(length) <= MAX_BODY_BYTES):
            return None
        try:
            caller = self._services.guard.caller(environ, _SCOPES)
            body = _read(environ, int(length))
            began = perf_counter()
            read = read_request(loads(body))
            release = self._services.releases.serving
            if read is None or release is None or not self._within_limits(caller):
                return None
            checked = perf_counter()
            scored = scorer(release).score(read["features"], read["policy"])
            ended = perf_counter()
            answer = dumps(scored)
        except Exception:
            return None  # Flask meets it again, and its handlers answer, count and log it
        note("validation", checked - began)
        note("model", ended - checked)
        count_predictions(scored, scored["prediction"])
        observe_answer("POST", PATH, 200, environ["churn.started"])
        return answer

    def _within_limits(self, caller: str) -> bool:
        """Count the request where RATE_LIMIT is set; one that is beyond it, Flask counts again."""
        within = self._services.within_rate_limit
        return within is None or within(caller)


def _read(environ: dict[str, Any], length: int) -> bytes:
    """Read the body, and leave it to be read again.

    Raises:
        Exception: it broke off. Flask finds it too short, rather than wait for it once more.
    """
    body, stream = b"", environ["wsgi.input"]
    try:
        body = stream.read(length)
    finally:
        environ["wsgi.input"] = BytesIO(body)
    if len(body) < length:
        raise EOFError
    return body


def init_app(app: Flask, settings: Settings) -> None:
    """Answer plain requests directly; the first middleware, so that all others stand before it.

    Not where requests are traced: the library that does it needs Flask's dispatch.
    """
    if not settings.tracing_endpoint:
        app.wsgi_app = FastPath(app)  # type: ignore[method-assign]
