"""Answers malformed HTTP requests, which never reach the application.

The servers' own answers are HTML pages or plain text, one of them with status 501.
"""

from __future__ import annotations

import logging
import socket

from gunicorn import util

from app.http.json_encoding import dumps
from app.http.problems import MEDIA_TYPE, PROBLEM_TYPES
from app.http.security_headers import NO_SNIFF
from app.observability.request_log import new_id, request_log

DETAILS = {
    "bad-request": "The request line or a header is malformed HTTP, or too long",
    "not-ready": "Too many connections are open",
}
_SLUGS = {500: "internal-error", 503: "not-ready"}


def refusal(status: int, reason: str) -> bytes:
    """Log a request that never became one, and return the answer with its head."""
    kind = PROBLEM_TYPES[_SLUGS.get(status, "bad-request")]
    request_id = new_id()
    body = kind.answer(request_id)
    body["detail"] = DETAILS.get(kind.slug, body["detail"])
    text = dumps(body)
    head = [
        ("Connection", "close"),
        ("Content-Type", MEDIA_TYPE),
        ("Content-Length", len(text)),
        NO_SNIFF,
        ("X-Request-ID", request_id),
        # No work was done that could have taken time.
        ("Process-Time", "0.000"),
        ("Server-Timing", "total;dur=0.000"),
    ]
    if kind.status == 503:
        head.append(("Retry-After", "1"))
    lines = [f"HTTP/1.1 {kind.status} {reason}", *(f"{name}: {value}" for name, value in head)]
    fields = {"request_id": request_id, "status": kind.status, "process_time_ms": 0.0}
    request_log.info("request", extra={"fields": fields})
    return "\r\n".join([*lines, "", ""]).encode() + text


def write_error(sock: socket.socket, status: int, reason: str, _: str) -> None:
    """Answer instead of gunicorn, whose message may repeat what was sent."""
    util.write_nonblock(sock, refusal(500 if status == 500 else 400, reason))


def without_what_was_sent(record: logging.LogRecord) -> bool:
    """Shorten gunicorn's log lines: a header may be a key, a body's first line a feature's value.

    Returns:
        Whether to write the line; clients that stopped sending need none.
    """
    if isinstance(record.msg, str) and record.msg.startswith("Invalid request from"):
        record.msg = record.msg.partition(": ")[0]
    return not (record.exc_info and isinstance(record.exc_info[1], BlockingIOError))


def take_over() -> None:
    """Let gunicorn's workers in this process answer and log this way."""
    util.write_error = write_error
    logging.getLogger("gunicorn.error").addFilter(without_what_was_sent)
