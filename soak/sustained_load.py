"""Sustained load on a healthy service: rate, latency, and no failed request."""

from __future__ import annotations

import time
from pathlib import Path

from soak.figures import Figure, failed_requests, milliseconds
from soak.requests_sent import MIXED
from tools.load_clients import load
from tools.servers import gunicorn, wait_until

TITLE = "Load: two workers, eight clients without a pause"
CLIENTS = 8
WARM = 200
SECONDS = 30


def run(folder: Path) -> list[Figure]:
    """Keep the load up for a while."""
    with gunicorn(folder, WEB_CONCURRENCY="2", LOG_LEVEL="WARNING") as server:
        with load(server.url, MIXED, keep=True) as first:  # the first lookup imports a library
            wait_until(lambda: first.total > WARM, "first answers")
        started = time.monotonic()
        with load(server.url, MIXED, clients=CLIENTS, keep=True) as sent:
            time.sleep(SECONDS)
        passed = time.monotonic() - started
    return [
        Figure("requests", f"{sent.total:,}"),
        Figure("requests a second", f"{sent.total / passed:,.0f}"),
        *milliseconds("answer", sent.seconds),
        failed_requests("requests that failed", sent),
    ]
