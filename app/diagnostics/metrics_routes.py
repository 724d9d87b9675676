"""`GET /metrics`."""

from __future__ import annotations

import os

from flask import Blueprint, Flask, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from app.access import scope
from app.http.api import Api, describe_view
from app.resilience.single_flight import SingleFlight
from app.services import services

pages = Blueprint("metrics", __name__)


_scrapes: SingleFlight[bytes] = SingleFlight()

LONGEST = 60.0
"""Seconds that a scrape may take which others share."""


@pages.get("/metrics")
@scope("operate")
def metrics() -> Response:
    """Return every metric in Prometheus' text format; those who ask meanwhile share one scrape."""
    return Response(_scrapes.share("all", _scrape, LONGEST), content_type=CONTENT_TYPE_LATEST)


def _scrape() -> bytes:
    for refresh in services().before_scrape:
        refresh()
    registry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry(support_collectors_without_names=True)
        MultiProcessCollector(registry)
    return generate_latest(registry)


def describe(app: Flask, api: Api) -> None:
    """Add `/metrics` to the OpenAPI document; its view must be registered."""
    describe_view(
        app,
        api,
        "/metrics",
        name="metrics",
        tag=("metrics", "Metrics for Prometheus"),
        summary="Return every metric in Prometheus' text format.",
        content={CONTENT_TYPE_LATEST.partition(";")[0]: {"schema": {"type": "string"}}},
    )
