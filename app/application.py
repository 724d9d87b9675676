"""The application: every part of the service, put together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask

from app import access, customers, handbook, releases
from app.config import Settings
from app.customers import routes as customer_routes
from app.customers.web import customer_pages, upload_routes
from app.diagnostics import health, metrics_routes
from app.diagnostics import routes as diagnostic_routes
from app.handbook.web import catalogue_schema
from app.http import (
    api,
    assets,
    compression,
    page_shell,
    problem_pages,
    security_headers,
    url_prefix,
)
from app.http.json_encoding import StrictJSONProvider
from app.observability import json_log, metrics, request_log, tracing
from app.predictions import routes as prediction_routes
from app.predictions.web import predict_pages
from app.releases import routes as release_routes
from app.resilience.time_limits import TimeLimits
from app.services import services_of


class Service(Flask):
    """Flask with views that are plain functions, not coroutines."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return `func`; Flask would check for a coroutine a dozen times in each request."""
        return func


MAX_BODY = 2 * 1024 * 1024
"""Bytes of a request body. The largest valid batch, in indented JSON, has two thirds of that:
tests/predictions/test_batch.py sends it."""


def make(settings: Settings, limits: TimeLimits) -> Flask:
    """Make the application; `app.create_app` describes it."""
    app = Service("app", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.json = StrictJSONProvider(app)

    services_of(app).url_prefix = settings.url_prefix
    json_log.configure(settings.log_level)
    request_log.init_app(app)
    metrics.init_app(app)
    compression.init_app(app)
    security_headers.init_app(app)
    access.init_app(app, settings, limits)
    releases.init_app(app, settings)
    prediction_routes.init_app(app)
    customers.init_app(app, settings, limits)
    app.register_blueprint(page_shell.blp)
    app.register_blueprint(predict_pages.blp)
    app.register_blueprint(customer_pages.blp)
    app.register_blueprint(upload_routes.pages)
    app.register_blueprint(metrics_routes.pages)
    blueprints = [
        prediction_routes.blueprint(services_of(app).releases.contract),
        customer_routes.blp,
        release_routes.blp,
        health.blp,
        diagnostic_routes.blp,
    ]
    diagnostic_routes.init_app(app, limits)
    documented = api.init_app(app, blueprints)
    problem_pages.init_app(app)
    urls = settings.prometheus_url, settings.grafana_url, settings.docs_edit_url
    handbook.init_app(
        app,
        settings.root,
        *urls,
        alertmanager_url=settings.alertmanager_url,
        releases=settings.model_dir,
        limits=limits,
    )
    catalogue_schema.describe(app, documented)
    metrics_routes.describe(app, documented)
    predict_pages.describe(app, documented)
    assets.init_app(app)
    access.check(app)
    url_prefix.init_app(app)
    tracing.init_app(app, settings)
    return app
