"""What each worker process does beside answering requests, once a second."""

from __future__ import annotations

import logging
import resource
import threading
import time

from flask import Flask

from app.customers.limits import PLACES
from app.metrics import DATABASE_CALLS_LIMIT, WORKER_PROCESSOR, WORKERS

INTERVAL = 1.0

log = logging.getLogger(__name__)


def start(app: Flask) -> None:
    """Begin, in threads of this process's own: call it after the fork."""
    WORKERS.set(1)
    DATABASE_CALLS_LIMIT.set(PLACES)
    if "tracing" in app.extensions:
        app.extensions["tracing"]()
    app.extensions["releases"].watch()
    threading.Thread(target=app.extensions["search"], name="handbook", daemon=True).start()
    threading.Thread(target=_watch, args=(app,), name="worker", daemon=True).start()


def _watch(app: Flask) -> None:
    counted = 0.0
    while True:
        used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
        WORKER_PROCESSOR.inc(used - counted)
        counted = used
        try:
            app.extensions["customers"].retry()
        except Exception:
            log.exception("a part that is away could not be tried")
        time.sleep(INTERVAL)
