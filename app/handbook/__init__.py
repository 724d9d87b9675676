"""The operating handbook: runbooks, decisions, guides and the model card as pages."""

from __future__ import annotations

import datetime
import threading
from functools import cache
from pathlib import Path

from flask import Flask

from app.handbook import rendering, routes, search_routes
from app.handbook.library import Library
from app.metrics import BEFORE_SCRAPE, DOCUMENTS_OVERDUE


def init_app(app: Flask, root: Path) -> None:
    """Register the documents' pages.

    Args:
        app: the application; `app.extensions["handbook"]()` is the library. It is read at the first
            call, which gunicorn's workers make as soon as they run, so that a start waits for none.
        root: the folder that holds `runbooks/`, `adrs/` and `guides/`.
    """

    @cache
    def read() -> Library:
        loaded = Library(root)
        rendering.warm()
        return loaded

    lock = threading.Lock()  # two threads that ask first get one library

    def library() -> Library:
        with lock:
            return read()

    app.extensions["handbook"] = library
    app.register_blueprint(routes.blp)
    search_routes.init_app(app)

    def count_overdue() -> None:
        today = datetime.datetime.now(datetime.UTC).date()
        DOCUMENTS_OVERDUE.set(sum(document.is_overdue(today) for document in library()))

    app.extensions.setdefault(BEFORE_SCRAPE, []).append(count_overdue)
