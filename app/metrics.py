"""Prometheus metrics: what is counted, and `GET /metrics`.

Under gunicorn every worker writes its own files into PROMETHEUS_MULTIPROC_DIR, which
`gunicorn.conf.py` makes and empties; a scrape adds them up.
"""

from __future__ import annotations

import os
from time import perf_counter

from flask import Blueprint, Flask, Response, current_app, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from app.access import scope

REQUEST_SECONDS = Histogram(
    "http_request_duration_seconds",
    "Time to answer a request, by route; probes and scrapes are left out",
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
    "Releases of the model that are damaged and not served",
    multiprocess_mode="livemax",
)
RELEASE_SERVING = Gauge(
    "churn_model_release_serving",
    "1 for the release of the model that a worker serves, 0 for one that it served before",
    ("version",),
    multiprocess_mode="livemax",
)
DOCUMENTS_OVERDUE = Gauge(
    "churn_documents_overdue",
    "Runbooks and guides whose review is overdue",
    multiprocess_mode="livemostrecent",
)

LEFT_OUT = frozenset(("/health/live", "/health/ready", "/metrics", "/static/<path:filename>"))

BEFORE_SCRAPE = "before_scrape"
"""The extension that lists what brings gauges up to date which change by themselves."""

pages = Blueprint("metrics", __name__)
_observers: dict[tuple[str, str, int], Histogram] = {}


@pages.get("/metrics")
@scope("operate")
def metrics() -> Response:
    """Every metric in Prometheus' text format."""
    for refresh in current_app.extensions[BEFORE_SCRAPE]:
        refresh()
    registry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry(support_collectors_without_names=True)
        MultiProcessCollector(registry)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def observe(response: Response) -> Response:
    """Count one answer under its route; what no route matched goes under one name."""
    rule = request.url_rule
    route = rule.rule if rule else "unmatched"
    if route not in LEFT_OUT:
        key = request.method if rule else "any", route, response.status_code
        observer = _observers.get(key)
        if observer is None:
            observer = _observers[key] = REQUEST_SECONDS.labels(*key)
        observer.observe(perf_counter() - request.environ["churn.started"])
    return response


def init_app(app: Flask) -> None:
    """Count every answer, and serve the metrics."""
    app.extensions.setdefault(BEFORE_SCRAPE, [])
    app.after_request(observe)
    app.register_blueprint(pages)
