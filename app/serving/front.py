"""The ASGI application of a worker: predictions and probes on the event loop, Flask in threads."""

from __future__ import annotations

import logging
import re
from time import perf_counter
from typing import Any, NoReturn

from flask import Flask
from werkzeug.exceptions import HTTPException, InternalServerError

from app.customers.web.upload_limits import MAX_UPLOAD, MAX_UPLOADS, UPLOAD
from app.diagnostics.check_runs import WAITERS
from app.http.json_encoding import dumps
from app.http.problems import (
    MEDIA_TYPE,
    PROBLEM_TYPES,
    Problem,
    problem_body,
    problem_headers,
)
from app.http.security_headers import headers_of
from app.http.url_prefix import take_off
from app.observability.metrics import UNMATCHED, count_error, observe_answer
from app.observability.request_log import RequestRecord
from app.services import services_of
from app.serving.loop_answers import Answer, Headers, LoopAnswers
from app.serving.malformed_requests import RETRY_SECONDS
from app.serving.request_bodies import OverloadError, RequestBodies
from app.serving.wsgi_environ import environ_of
from app.serving.wsgi_threads import WSGIThreads

_HOST = re.compile(
    r"([\w-]{1,63}\.)*[\w-]{1,63}(:\d{1,5})?|\[[\da-f:.]+\](:\d{1,5})?", re.ASCII
).fullmatch
"""A host that is plainly valid; Flask checks the others, and refuses some."""


class Front:
    """Answers the requests of one worker.

    Flask answers everything else, and all of a service that is traced: the tracing library needs
    its dispatch.
    """

    def __init__(self, app: Flask) -> None:
        services = services_of(app)
        self._app = app
        self.prefix = services.url_prefix
        self._bodies = RequestBodies(app.config["MAX_CONTENT_LENGTH"], {UPLOAD: MAX_UPLOAD})
        self._pages = WSGIThreads(app.wsgi_app)
        self._diagnoses = WSGIThreads(app.wsgi_app, WAITERS)  # checks take a second or more
        self._uploads = WSGIThreads(app.wsgi_app, MAX_UPLOADS + 1)  # one more, to refuse
        self._routes = {} if services.start_tracing else LoopAnswers(services).routes

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Answer one request."""
        environ = environ_of(scope)
        if self.prefix:
            take_off(environ, self.prefix)
        answer = self._routes.get((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        try:
            body = await self._bodies.read(scope, receive, environ)
        except OverloadError:
            body, answer = b"", _overloaded
            environ["CONTENT_LENGTH"] = "0"
        environ["churn.started"] = perf_counter()
        if (
            answer
            and environ["CONTENT_LENGTH"] == str(len(body))
            and _HOST(environ.get("HTTP_HOST", "localhost"))
        ):
            status, headers, content = await self._on_the_loop(answer, environ, body)
        else:
            threads = self._threads(environ["PATH_INFO"])
            status, headers, content = await threads.answer(environ, body)
        pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        await send({"type": "http.response.start", "status": status, "headers": pairs})
        await send({"type": "http.response.body", "body": content})

    def _threads(self, path: str) -> WSGIThreads:
        """Return the threads for a path; what takes long has its own."""
        if path.startswith("/diagnostics"):
            return self._diagnoses
        return self._uploads if path == UPLOAD else self._pages

    async def _on_the_loop(
        self, answer: Answer, environ: dict[str, Any], body: bytes
    ) -> tuple[int, Headers, bytes]:
        """Answer as Flask does, with the same headers, metrics and line in the log."""
        record = RequestRecord(environ)
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        try:
            status, headers, content = await answer(environ, body)
        except HTTPException as error:
            status, headers, content = _problem(error, environ)
        except Exception as error:
            fields = {"message": f"Exception on {path}", "request_id": record.id}
            logging.getLogger("app").exception("Exception", extra={"fields": fields})
            count_error(self._app, error)
            status, headers, content = _problem(InternalServerError(), environ)
        route: tuple[str, str] = (method, path) if (method, path) in self._routes else UNMATCHED
        observe_answer(*route, status, record.started)
        size = ("Content-Length", str(len(content)))
        return status, [*headers, size, *headers_of(path), *record.tell(status)], content


async def _overloaded(*_: Any) -> NoReturn:
    headers = {"Retry-After": str(RETRY_SECONDS), "Connection": "close"}
    raise Problem("overloaded", PROBLEM_TYPES["overloaded"].detail, headers=headers)


def _problem(error: HTTPException, environ: dict[str, Any]) -> tuple[int, Headers, bytes]:
    body = problem_body(error, environ)
    return body["status"], [("Content-Type", MEDIA_TYPE), *problem_headers(error)], dumps(body)
