"""Sustained load on a healthy service: rate, latency, and no failed request."""

from __future__ import annotations

from pathlib import Path

from soak.figures import Figure, failures
from soak.requests_sent import MIXED
from tools.servers import gunicorn
from tools.wrk import wrk

WARM_SECONDS, SECONDS = 4, 30
"""Seconds of load before the measurement, and in it."""

TITLE = "Load: two workers, eight clients without a pause, half of the requests predictions"


def run(folder: Path) -> list[Figure]:
    """Keep the load up for a while."""
    with gunicorn(folder, WEB_CONCURRENCY="2", LOG_LEVEL="WARNING") as server:
        warm = wrk(server.url, MIXED, WARM_SECONDS)
        found = wrk(server.url, MIXED, SECONDS)
    return [
        Figure("requests", f"{found.requests:,}"),
        Figure("requests a second", f"{found.rate:,.0f}"),
        Figure("answer, p50, ms", f"{found.p50:.1f}"),
        Figure("answer, p99, ms", f"{found.p99:.1f}"),
        Figure("answer, slowest, ms", f"{found.slowest:.1f}"),
        failures("requests that failed", warm.failed + found.failed),
    ]
