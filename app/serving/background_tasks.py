"""The work of each worker once a second, besides answering requests."""

from __future__ import annotations

import logging
import resource
import threading
import time
from pathlib import Path

from flask import Flask

from app.observability import log_writer, metrics_file
from app.observability.metrics import DATABASE_CALLS_LIMIT, WORKER_PROCESSOR, WORKERS
from app.resilience.deadline import MAX_CONCURRENT_CALLS
from app.services import services_of

INTERVAL = 1.0

log = logging.getLogger(__name__)


def start(app: Flask) -> None:
    """Start the threads; call it after the fork."""
    log_writer.start()
    WORKERS.set(1)
    DATABASE_CALLS_LIMIT.set(MAX_CONCURRENT_CALLS)
    if start_tracing := services_of(app).start_tracing:
        start_tracing()
    services_of(app).releases.watch()
    threading.Thread(target=services_of(app).search, name="handbook", daemon=True).start()
    threading.Thread(target=_watch, args=(app,), name="worker", daemon=True).start()


def _watch(app: Flask) -> None:
    counted = 0.0
    while True:
        used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
        WORKER_PROCESSOR.inc(used - counted)
        counted = used
        _report_lost_metrics()
        try:
            services_of(app).customers.retry()
            if rate_limit := services_of(app).rate_limit:
                rate_limit.retry()
        except Exception:
            log.exception("failed to retry an unavailable part")
        time.sleep(INTERVAL)


def _report_lost_metrics() -> None:
    if lost := metrics_file.without_space[:]:
        del metrics_file.without_space[: len(lost)]
        folder = Path(lost[0]).parent
        log.error("no space in %s: /metrics lacks what this worker counts", folder)
