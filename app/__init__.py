"""The churn-prediction service and its handbook."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask

from app import (
    access,
    customers,
    diagnostics,
    handbook,
    headers,
    health,
    metrics,
    openapi,
    operations,
    problems,
    releases,
    telemetry,
    tracing,
)
from app.config import Settings
from app.customers import routes as stored
from app.encoding import StrictJSONProvider
from app.predictions import direct
from app.predictions import routes as predictions
from app.releases import routes as models


class Service(Flask):
    """Flask whose views are plain functions, as gunicorn's threads run them."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Take `func` as it is; a dozen times a request, asking for coroutines adds up."""
        return func


MAX_BODY = 4 * 1024 * 1024
"""Bytes of a request body; the largest valid one is a fraction of it."""


def create_app(settings: Settings | None = None) -> Flask:
    """Put the parts together.

    Raises:
        SettingError: the environment holds a value that the service cannot start with.
    """
    settings = settings or Settings.from_environment()
    app = Service(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.json = StrictJSONProvider(app)

    direct.init_app(app, settings)
    telemetry.init_app(app, settings.log_level)
    metrics.init_app(app)
    headers.init_app(app)
    access.init_app(app, settings)
    releases.init_app(app, settings)
    customers.init_app(app, settings)
    api = openapi.init_app(
        app, [predictions.blp, stored.blp, models.blp, health.blp, diagnostics.blp]
    )
    problems.init_app(app)
    urls = settings.prometheus_url, settings.grafana_url, settings.docs_edit_url
    handbook.init_app(app, settings.root, *urls)
    operations.describe(app, api)
    access.check(app)
    tracing.init_app(app, settings)
    return app
