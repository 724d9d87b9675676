"""Prometheus metrics.

Under gunicorn every worker writes its own files into PROMETHEUS_MULTIPROC_DIR, which
`gunicorn.conf.py` makes and empties; a scrape adds them up. The files are named after the worker's
slot, not its process. A worker that replaces a dead one continues its counts, so the folder doesn't
grow with each restart.
"""

from __future__ import annotations

import itertools
import os
from time import perf_counter, time

from flask import Flask, Response, got_request_exception, request
from prometheus_client import (
    Counter,
    Gauge,
    Histogram,
    values,
)

from app.observability.metrics_file import MetricsFile

worker_place = "main"
"""The slot of this process, which names its files; gunicorn.conf.py sets it in each worker."""

if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
    values.MmapedDict = MetricsFile  # type: ignore[attr-defined]
    values.ValueClass = values.MultiProcessValue(lambda: worker_place)

REQUEST_SECONDS = Histogram(
    "http_request_duration_seconds",
    "Time to answer a request, by route, without probes and scrapes",
    ("method", "route", "status"),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
PREDICTIONS = Counter(
    "churn_predictions_total",
    "Customers scored, by release, outcome and policy",
    ("version", "prediction", "policy"),
)
RELEASES_REFUSED = Gauge(
    "churn_model_releases_refused",
    "Releases of the model that are refused",
    multiprocess_mode="livemax",
)
RELEASE_WAITING = Gauge(
    "churn_model_release_waiting",
    "1 while the promoted release waits for a restart, because it has another feature contract",
    multiprocess_mode="livemax",
)
RELEASE_SERVING = Gauge(
    "churn_model_release_serving",
    "1 for the release of the model that a worker serves, 0 for releases that it served before",
    ("version",),
    multiprocess_mode="livemax",
)
DOCUMENTS_OVERDUE = Gauge(
    "churn_documents_overdue",
    "Runbooks and guides whose review is overdue",
    multiprocess_mode="livemostrecent",
)

PART_SECONDS = Histogram(
    "churn_part_duration_seconds",
    "Time that requests spent in one part: validation, model, cache, database, alerts, drills, "
    "rate-limit",
    ("part",),
    buckets=(0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1),
)
CIRCUIT_OPEN = Gauge(
    "churn_circuit_open",
    "1 while a worker's circuit to a part is open, 0 while it is closed",
    ("part",),
    multiprocess_mode="livemax",
)
DATABASE_CALLS = Gauge(
    "churn_database_calls_in_progress",
    "Calls to the database in progress",
    multiprocess_mode="livesum",
)
DATABASE_CALLS_LIMIT = Gauge(
    "churn_database_calls_limit",
    "Most calls to the database that can be in progress",
    multiprocess_mode="livesum",
)
REFUSED_BUSY = Counter(
    "churn_refused_busy_total",
    "Calls to a part that were not made because as many were in progress as there may be",
    ("part",),
)
WORKERS = Gauge("churn_workers", "Worker processes", multiprocess_mode="livesum")
WORKER_PROCESSOR = Counter(
    "churn_worker_processor_seconds_total", "Processor time used by the workers"
)
WORKERS_KILLED = Counter(
    "churn_workers_killed_total", "Workers that ended without being told to end by their server"
)
WORKER_KILLED = Gauge(
    "churn_worker_killed_timestamp_seconds",
    "Times when workers were killed, the last three of them",
    ("place",),
    multiprocess_mode="max",
)
SCRAPES = Counter("churn_scrapes_total", "Scrapes, answered and refused", ("answer",))
SCRAPED = Gauge(
    "churn_scrape_timestamp_seconds",
    "Time of the last scrape that was answered, and of the last that was refused",
    ("answer",),
    multiprocess_mode="max",
)
ERRORS = Counter(
    "churn_errors_total", "Requests that failed with an unexpected error, by its type", ("type",)
)
LAST_ERROR = Gauge(
    "churn_last_error_timestamp_seconds",
    "Time of the last unexpected error, by its type",
    ("type",),
    multiprocess_mode="max",
)
LOG_LINES_DROPPED = Counter(
    "churn_log_lines_dropped_total",
    "Lines of the log that were dropped, because its reader stalled or is gone",
)

UNMEASURED_ROUTES = frozenset(
    ("/health/live", "/health/ready", "/metrics", "/static/<path:filename>")
)

_SCRAPED_AS = {200: "answered", 401: "refused", 403: "refused"}

UNMATCHED = ("any", "unmatched")
"""Method and route of all requests without a route."""

_killed = itertools.count()
_observers: dict[tuple[str, str, int], Histogram] = {}


def observe(response: Response) -> Response:
    """Count one answer under its route."""
    started = request.environ["churn.started"]
    if rule := request.url_rule:
        observe_answer(request.method, rule.rule, response.status_code, started)
    else:
        observe_answer(*UNMATCHED, response.status_code, started)
    return response


def observe_answer(method: str, route: str, status: int, started: float) -> None:
    """Count the answer to a request that began at `started`, a time of `perf_counter`."""
    if route == "/metrics" and status in _SCRAPED_AS:
        SCRAPES.labels(_SCRAPED_AS[status]).inc()
        SCRAPED.labels(_SCRAPED_AS[status]).set(time())
    if route in UNMEASURED_ROUTES:
        return
    key = method, route, status
    observer = _observers.get(key)
    if observer is None:
        observer = _observers[key] = REQUEST_SECONDS.labels(*key)
    observer.observe(perf_counter() - started)


def count_killed() -> None:
    """Count a worker that was killed; its server calls this."""
    killed = next(_killed)
    WORKERS_KILLED.inc()
    WORKER_KILLED.labels(str(killed % 3)).set(time())


def count_error(_: Flask, exception: BaseException) -> None:
    """Count an exception without a handler."""
    kind = type(exception).__name__
    ERRORS.labels(kind).inc()
    LAST_ERROR.labels(kind).set(time())


def init_app(app: Flask) -> None:
    """Count every answer."""
    got_request_exception.connect(count_error)
    app.after_request(observe)
