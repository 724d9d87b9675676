"""`/search`: the page, and the same as JSON for results while typing."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Flask, Response, current_app, jsonify, render_template, request

from app.access import scope
from app.handbook.library import Library
from app.problems import KINDS

if TYPE_CHECKING:
    from app.handbook.search import Index

blp = Blueprint("search", __name__)


class Search:
    """The index of an application's library: made at the first call, and again for a new library.

    Args:
        app: the application; its library and its API are what is found.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._made: tuple[Library, Index] | None = None

    def __call__(self) -> Index:
        """The index; whoever asks first waits for it, some tenths of a second."""
        library: Library = self._app.extensions["handbook"]()
        made = self._made
        if made is None or made[0] is not library:
            with self._lock:
                made = self._made
                if made is None or made[0] is not library:
                    self._made = made = (library, self._make(library))
        return made[1]

    def _make(self, library: Library) -> Index:
        # Not at start: the first answer needs no index.
        from app.handbook import searchable  # noqa: PLC0415
        from app.handbook.search import Index  # noqa: PLC0415

        entries = [*searchable.documents(library), *searchable.cards(library)]
        entries += searchable.problems(KINDS)
        with self._app.app_context():
            for api in self._app.extensions.get("flask-smorest", {}).get("apis", {}).values():
                entries += searchable.operations(api["ext_obj"].spec.to_dict())
        return Index(entries)


@blp.get("/search")
@scope("handbook")
def page() -> str:
    """What was found, as a page."""
    query = request.args.get("q", "")
    return render_template("search.html", query=query, results=_index().search(query))


@blp.get("/search.json")
@scope("handbook")
def as_json() -> Response:
    """What was found, as JSON."""
    query = request.args.get("q", "")
    results: list[dict[str, Any]] = [
        {
            "kind": result.kind,
            "title": result.title,
            "url": result.url,
            "heading": result.heading,
            "snippet": str(result.snippet),
        }
        for result in _index().search(query)
    ]
    return jsonify(query=query, results=results)


def init_app(app: Flask) -> None:
    """Register the pages; `app.extensions["search"]()` is the index."""
    app.extensions["search"] = Search(app)
    app.register_blueprint(blp)


def _index() -> Index:
    index: Index = current_app.extensions["search"]()
    return index
