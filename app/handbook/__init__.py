"""The operating handbook: runbooks, decisions, guides and the model card as pages."""

from __future__ import annotations

import datetime
from pathlib import Path

from flask import Flask

from app.handbook import card_routes, routes, search_routes
from app.handbook.shelf import Shelf
from app.metrics import BEFORE_SCRAPE, DOCUMENTS_OVERDUE


def init_app(
    app: Flask, root: Path, prometheus_url: str = "", grafana_url: str = "", edit_url: str = ""
) -> None:
    """Register the documents' pages.

    Args:
        app: the application; `app.extensions["handbook"]()` is the library. It is read at the first
            call, which gunicorn's workers make as soon as they run, so that a start waits for none.
            In debug mode a changed document is read again.
        root: the folder that holds `runbooks/`, `adrs/` and `guides/`.
        prometheus_url: where runbooks ask for the state of their alerts; empty: nowhere.
        grafana_url: where runbooks link to the dashboard; empty: nowhere.
        edit_url: what comes before a document's path where it is edited; empty: nowhere.
    """
    library = app.extensions["handbook"] = Shelf(root, watching=app.debug)
    app.config.update(
        PROMETHEUS_URL=prometheus_url, GRAFANA_URL=grafana_url, DOCS_EDIT_URL=edit_url
    )
    for blueprint in (routes.blp, card_routes.blp):
        app.register_blueprint(blueprint)
    search_routes.init_app(app)

    def count_overdue() -> None:
        today = datetime.datetime.now(datetime.UTC).date()
        DOCUMENTS_OVERDUE.set(sum(document.is_overdue(today) for document in library()))

    app.extensions.setdefault(BEFORE_SCRAPE, []).append(count_overdue)
