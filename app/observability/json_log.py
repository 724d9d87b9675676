"""The log: one JSON line for each record, on standard error."""

from __future__ import annotations

import json
import logging
import logging.config
from functools import lru_cache
from time import gmtime, strftime
from typing import Any

import orjson
from flask import has_request_context, request

from app.observability.log_writer import STANDARD_ERROR

# No line names thread, task or process, so don't look them up. Python's logging HOWTO lists these
# switches under "Optimization".
logging.logThreads = logging.logMultiprocessing = False
logging.logAsyncioTasks = False  # type: ignore[attr-defined,unused-ignore]


class JSONFormatter(logging.Formatter):
    """Formats a record as one line of JSON, with `record.fields` instead of a message if given."""

    def format(self, record: logging.LogRecord) -> str:
        """Format one record."""
        seconds = _second(int(record.created))
        entry: dict[str, Any] = {
            "time": f"{seconds}.{int(record.msecs):03}+00:00",
            "level": record.levelname,
            "logger": record.name,
        }
        entry |= getattr(record, "fields", None) or {"message": record.getMessage(), **_request()}
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        try:
            return orjson.dumps(entry).decode()
        except TypeError:  # half of a surrogate pair, which UTF-8 can't encode
            return json.dumps(entry)


def _request() -> dict[str, str]:
    """Return the id of the request that Flask answers, if it does."""
    id_ = request.environ.get("churn.request_id") if has_request_context() else None
    return {"request_id": id_} if id_ else {}


@lru_cache(maxsize=2)
def _second(moment: int) -> str:
    return strftime("%Y-%m-%dT%H:%M:%S", gmtime(moment))


class Lines(logging.Handler):
    """Writes each record to standard error, or leaves it to the thread that does."""

    def handle(self, record: logging.LogRecord) -> bool:
        """Write one record without the base class's lock."""
        self.emit(record)
        return True

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        try:
            STANDARD_ERROR.write((self.format(record) + "\n").encode())
        except Exception:
            self.handleError(record)


def configure(level: str) -> None:
    """Log to standard error at this level."""
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
