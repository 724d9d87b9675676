"""The operating handbook: runbooks, decisions, guides and the model card as pages."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from flask import Flask

from app.handbook import rendering, routes
from app.handbook.library import Library


def init_app(app: Flask, root: Path) -> None:
    """Register the documents' pages.

    Args:
        app: the application; `app.extensions["handbook"]()` is the library. It is read at the first
            call, which gunicorn's workers make as soon as they run, so that a start waits for none.
        root: the folder that holds `runbooks/`, `adrs/` and `guides/`.
    """

    @cache
    def library() -> Library:
        loaded = Library(root)
        rendering.warm()
        return loaded

    app.extensions["handbook"] = library
    app.register_blueprint(routes.blp)
