"""`/search`: the page, and results as JSON while typing."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, jsonify, render_template, request

from app.access import scope
from app.handbook.search.live_index import LiveIndex
from app.http.url_prefix import address
from app.services import services, services_of

blp = Blueprint("search", __name__)


@blp.get("/search")
@scope("handbook")
def page() -> str:
    """Show the results."""
    query = request.args.get("q", "")
    return render_template("search.html", query=query, results=services().search().search(query))


@blp.get("/search.json")
@scope("handbook")
def as_json() -> Response:
    """Return the results as JSON."""
    query = request.args.get("q", "")
    results: list[dict[str, Any]] = [
        {
            "kind": result.kind,
            "title": result.title,
            "url": address(result.url),
            "heading": result.heading,
            "snippet": str(result.snippet),
        }
        for result in services().search().search(query)
    ]
    return jsonify(query=query, results=results)


def init_app(app: Flask) -> None:
    """Register the pages; `services_of(app).search()` is the index."""
    services_of(app).search = LiveIndex(app)
    app.register_blueprint(blp)
