"""`/search`: the page, and results as JSON while typing."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, make_response, render_template, request

from app.access import scope
from app.handbook.documents.document_types import FOLDERS
from app.handbook.documents.library import Library
from app.handbook.search import customer_result, nearest_pages, service_pages
from app.handbook.search.live_index import LiveIndex
from app.handbook.search.search_results import Answer
from app.http.security_headers import NO_STORE
from app.http.url_prefix import address
from app.services import services, services_of

blp = Blueprint("search", __name__)


@blp.get("/search")
@scope("handbook")
def page() -> Response:
    """Show the results, or ways in if nothing is asked."""
    query = request.args.get("q", "")
    answer = _answer(query)
    ways = None if query.strip() else _ways(services().library())
    html = render_template("search.html", query=query, answer=answer, ways=ways)
    return _private(make_response(html), answer)


@blp.get("/search.json")
@scope("handbook")
def as_json() -> Response:
    """Return the results as JSON."""
    query = request.args.get("q", "")
    answer = _answer(query)
    results: list[dict[str, Any]] = [
        {
            "kind": result.kind,
            "title": result.title,
            "url": address(result.url),
            "heading": result.heading,
            "snippet": str(result.snippet),
        }
        for result in answer.results
    ]
    return _private(jsonify(query=query, corrected=answer.corrected, results=results), answer)


def _answer(query: str) -> Answer:
    answer = services().search().search(query, literally="literally" in request.args)
    customer = customer_result.find(query)
    if customer is None:
        return answer
    others = answer.results if not (answer.corrected or answer.some) else ()
    return Answer([customer, *others])


def _private(response: Response, answer: Answer) -> Response:
    """Keep an answer that names a customer out of caches."""
    if any(result.kind == "customer" for result in answer.results):
        response.headers[NO_STORE[0]] = NO_STORE[1]
    return response


def _ways(library: Library) -> dict[str, Any]:
    """Return how many documents of each kind there are, other pages, and each alert's runbook."""
    folders = {f"/{folder}" for folder in FOLDERS.values()}
    pages = [page for page in service_pages.served() if page.path not in folders]
    alerts = {alert: runbook for runbook in library.runbooks for alert in runbook.alerts}
    counts = Counter(document.kind for document in library)
    return {"counts": counts, "pages": pages, "alerts": alerts}


def init_app(app: Flask) -> None:
    """Register the pages; `services_of(app).search()` is the index."""
    services_of(app).search = LiveIndex(app)
    app.register_blueprint(blp)
    app.add_template_global(nearest_pages.nearest, "nearest_pages")
