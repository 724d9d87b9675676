"""What is answered to a request that breaks HTTP's own rules, so that no application sees it.

gunicorn's own answers are pages in HTML, one of them with status 501.
"""

from __future__ import annotations

import logging
import socket
from random import getrandbits

from gunicorn import util

from app.encoding import dumps
from app.problems import KINDS, MEDIA_TYPE

log = logging.getLogger("app.requests")

DETAIL = "The request line or a header breaks HTTP's own rules, or is too long"


def write_error(sock: socket.socket, status: int, reason: str, _: str) -> None:
    """Answer in gunicorn's place; its message may repeat what was sent, and is left out."""
    kind = KINDS["internal-error" if status == 500 else "bad-request"]
    request_id = f"{getrandbits(128):032x}"
    body = kind.answer(request_id)
    if status != 500:
        body["detail"] = DETAIL
    text = dumps(body)
    head = {
        "Connection": "close",
        "Content-Type": MEDIA_TYPE,
        "Content-Length": len(text),
        "X-Content-Type-Options": "nosniff",
        "X-Request-ID": request_id,
        # Nothing was asked that could have taken time.
        "Process-Time": "0.000",
        "Server-Timing": "total;dur=0.000",
    }
    lines = [f"HTTP/1.1 {kind.status} {reason}", *(f"{k}: {v}" for k, v in head.items())]
    fields = {"request_id": request_id, "status": kind.status, "process_time_ms": 0.0}
    log.info("request", extra={"fields": fields})
    util.write_nonblock(sock, "\r\n".join([*lines, "", ""]).encode() + text)


def take_over() -> None:
    """Have gunicorn's workers of this process answer so."""
    util.write_error = write_error
