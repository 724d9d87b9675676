"""The operating handbook: runbooks, decisions, guides and the model card as pages."""

from __future__ import annotations

import datetime
from pathlib import Path

from flask import Flask

from app.handbook.documents.library_reloading import ReloadingLibrary
from app.handbook.drill_alerts import Alertmanager
from app.handbook.rendering import document_html
from app.handbook.web import (
    experiment_routes,
    image_routes,
    markdown_routes,
    model_card_routes,
    routes,
    search_routes,
    state_routes,
)
from app.handbook.web.alert_states import AlertStates
from app.observability.metrics import DOCUMENTS_OVERDUE
from app.resilience.time_limits import LIMITS, TimeLimits
from app.services import services_of


def init_app(
    app: Flask,
    root: Path,
    prometheus_url: str = "",
    grafana_url: str = "",
    edit_url: str = "",
    *,
    alertmanager_url: str = "",
    releases: Path | None = None,
    limits: TimeLimits = LIMITS,
) -> None:
    """Register the documents' pages.

    Args:
        app: the application; `services_of(app).library()` is the library. The first call reads it;
            gunicorn's workers make that call as soon as they run, so the start needn't wait. In
            debug mode, a changed document is read again.
        root: the folder with `runbooks/`, `adrs/`, `guides/` and `incidents/`.
        prometheus_url: address that runbooks ask for the state of their alerts, or empty.
        grafana_url: address of the dashboard that runbooks link to, or empty.
        edit_url: address before a document's path in the git server's editor, or empty.
        alertmanager_url: address that runbooks ask for drills, or empty.
        releases: the folder of the model's releases; by default `model/releases` below the root.
        limits: how long a runbook's page waits for the state of its alerts, and for drills.
    """
    library = services_of(app).library = ReloadingLibrary(
        root, releases, watching=app.debug, loaded=document_html.warm
    )
    services_of(app).alerts = AlertStates(prometheus_url, limits.alerts)
    services_of(app).alertmanager = Alertmanager(alertmanager_url, limits.alerts)
    app.config.update(GRAFANA_URL=grafana_url, DOCS_EDIT_URL=edit_url)
    pages = (routes, image_routes, model_card_routes, experiment_routes)
    for part in (*pages, markdown_routes, state_routes):
        app.register_blueprint(part.blp)
    search_routes.init_app(app)

    def count_overdue() -> None:
        today = datetime.datetime.now(datetime.UTC).date()
        DOCUMENTS_OVERDUE.set(sum(document.is_overdue(today) for document in library()))

    services_of(app).before_scrape.append(count_overdue)
