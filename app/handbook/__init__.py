"""The operating handbook: runbooks, decisions, guides and the model card as pages."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from app.handbook import routes
from app.handbook.library import Library


def init_app(app: Flask, root: Path) -> None:
    """Read the documents and register their pages.

    Args:
        app: the application; the library goes to `app.extensions["handbook"]`.
        root: the folder that holds `runbooks/`, `adrs/` and `guides/`.
    """
    app.extensions["handbook"] = Library(root)
    app.register_blueprint(routes.blp)
