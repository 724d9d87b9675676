"""What every answer says about itself, and the log: one JSON line a request."""

from __future__ import annotations

import json
import logging
import logging.config
import os
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from random import getrandbits
from time import gmtime, perf_counter, strftime
from typing import Any

import orjson
from flask import Flask

from app.parts import begin

WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_ACCEPTABLE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}\Z").match

request_log = logging.getLogger("app.requests")

# No line says from where in the code or by which thread it was written: don't find out. Python's
# logging HOWTO names these switches under "Optimization".
logging._srcfile = None
logging.logThreads = logging.logMultiprocessing = False  # the process is in gunicorn's lines
logging.logAsyncioTasks = False  # type: ignore[attr-defined,unused-ignore]


def new_id() -> str:
    """An id for a request that came without one."""
    return f"{getrandbits(128):032x}"


class JSONFormatter(logging.Formatter):
    """A record as one line of JSON; `record.fields`, where given, in place of the message."""

    def format(self, record: logging.LogRecord) -> str:
        """Format one record."""
        seconds = _second(int(record.created))
        entry: dict[str, Any] = {
            "time": f"{seconds}.{int(record.msecs):03}+00:00",
            "level": record.levelname,
            "logger": record.name,
        }
        entry |= getattr(record, "fields", None) or {"message": record.getMessage()}
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        try:
            return orjson.dumps(entry).decode()
        except TypeError:  # half of a surrogate pair, which UTF-8 does not have
            return json.dumps(entry)


@lru_cache(maxsize=2)
def _second(moment: int) -> str:
    return strftime("%Y-%m-%dT%H:%M:%S", gmtime(moment))


class Lines(logging.Handler):
    """Writes each record to standard error by one call, which needs neither lock nor buffer."""

    def createLock(self) -> None:  # noqa: N802 - logging's name
        """Make none."""
        self.lock = None

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        try:
            os.write(2, (self.format(record) + "\n").encode())
        except Exception:
            self.handleError(record)


class Timing:
    """WSGI middleware: `X-Request-ID`, `Process-Time` (milliseconds), `Server-Timing`, the log.

    It stands outside Flask, so that errors of routing and of Flask itself carry them too. A request
    id given by the caller is kept where it is safe to print. The log has the path without its
    query, and never a body: no feature value can get into it.
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
                request_log.info("request", extra={"fields": fields})
            return start_response(status, headers, *exc)

        return self.app(environ, respond)


def init_app(app: Flask, level: str) -> None:
    """Wrap the application, and log to standard error at this level."""
    app.wsgi_app = Timing(app.wsgi_app)  # type: ignore[method-assign]
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"json": {"()": JSONFormatter}},
            "handlers": {"stderr": {"()": Lines, "formatter": "json"}},
            "loggers": {
                "app": {"level": level, "handlers": ["stderr"], "propagate": False},
                "opentelemetry": {"handlers": ["stderr"], "propagate": False},
            },
        }
    )
