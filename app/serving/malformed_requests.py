"""Answers malformed HTTP requests, which never reach the application.

The servers' own answers are HTML pages or plain text, one of them with status 501.
"""

from __future__ import annotations

import logging
import socket
from http import HTTPStatus

from gunicorn import util

from app.http.json_encoding import dumps
from app.http.problems import MEDIA_TYPE, PROBLEM_TYPES
from app.http.security_headers import NO_SNIFF
from app.observability.request_log import new_id, request_log

MALFORMED = "The request line or a header is malformed HTTP, or too long"
TOO_MANY = "Too many connections are open"
RETRY_SECONDS = 1


def refusal(slug: str, detail: str, prefix: str) -> bytes:
    """Log a request that never became one, and return the answer with its head.

    Args:
        slug: of the type of problem.
        detail: what is wrong.
        prefix: of the service's addresses.
    """
    kind = PROBLEM_TYPES[slug]
    request_id = new_id()
    body = kind.answer(request_id, prefix) | {"detail": detail}
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
        head.append(("Retry-After", RETRY_SECONDS))
    phrase = HTTPStatus(kind.status).phrase
    lines = [f"HTTP/1.1 {kind.status} {phrase}", *(f"{name}: {value}" for name, value in head)]
    fields = {"request_id": request_id, "status": kind.status, "process_time_ms": 0.0}
    request_log.info("request", extra={"fields": fields})
    return "\r\n".join([*lines, "", ""]).encode() + text


def without_what_was_sent(record: logging.LogRecord) -> bool:
    """Shorten gunicorn's log lines: a header may be a key, a body's first line a feature's value.

    Returns:
        Whether to write the line; clients that stopped sending need none.
    """
    if isinstance(record.msg, str) and record.msg.startswith("Invalid request from"):
        record.msg = record.msg.partition(": ")[0]
    return not (record.exc_info and isinstance(record.exc_info[1], BlockingIOError))


def take_over(prefix: str) -> None:
    """Let gunicorn's workers in this process answer and log this way."""

    def write_error(sock: socket.socket, status: int, *_: str) -> None:
        slug = "internal-error" if status == 500 else "bad-request"
        detail = PROBLEM_TYPES[slug].detail if status == 500 else MALFORMED
        util.write_nonblock(sock, refusal(slug, detail, prefix))

    util.write_error = write_error  # its own may repeat what was sent
    logging.getLogger("gunicorn.error").addFilter(without_what_was_sent)
