"""The pages. Each is made of what was read at start: none waits for another system."""

from __future__ import annotations

import datetime
from http import HTTPStatus
from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    jsonify,
    render_template,
    request,
    send_from_directory,
)
from markupsafe import Markup
from werkzeug.exceptions import NotFound

from app.access import scope
from app.handbook import card_tables, model_card, numbers, pages, plots
from app.handbook.library import Library

blp = Blueprint(
    "handbook",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/handbook/static",
)


@blp.get("/")
@scope("handbook")
def home() -> str:
    """What this is, its state, and the ways in."""
    release = _serving()
    return render_template(
        "home.html",
        release=release,
        headline=model_card.headline(release.card) if release else None,
        example=model_card.example(release.contract, request.host_url[:-1]) if release else None,
        overdue=[document for document in _library() if document.is_overdue(_today())],
    )


@blp.get("/runbooks")
@scope("handbook")
def runbooks() -> str:
    """Every runbook, the most severe first."""
    return render_template("runbooks.html", documents=_library().runbooks)


@blp.get("/adrs")
@scope("handbook")
def adrs() -> str:
    """Every decision, the newest first."""
    return render_template("adrs.html", documents=_library().adrs[::-1])


@blp.get("/guides")
@scope("handbook")
def guides() -> str:
    """Every guide."""
    return render_template("guides.html", documents=_library().guides, opening=pages.opening)


@blp.get("/<any(runbooks, adrs, guides):folder>/<slug>")
@scope("handbook")
def document(folder: str, slug: str) -> str:
    """One document."""
    found = _library().get(folder, slug)
    if found is None:
        raise NotFound
    return render_template(f"{found.kind}.html", page=pages.page(_library(), found))


@blp.get("/model-card")
@scope("handbook")
def card() -> str:
    """The card of the release in service, with every term as a plot."""
    release = _serving()
    if release is None:
        return render_template("no-model.html")
    shown = model_card.figures(release)
    return render_template(
        "model-card.html",
        release=release,
        card=release.card,
        sections=model_card.sections(release.card, shown),
        metrics=model_card.metrics(release.card),
        figures=shown,
        mismatched=model_card.mismatched(release),
        plots=plots.plots(release.scorecard, release.contract),
        policies=card_tables.policies(release.card.get("metrics") or {}),
        table=card_tables.table,
        words=card_tables.words,
    )


@blp.get("/model-card/figures/<name>")
@scope("handbook")
def figure(name: str) -> Response:
    """A figure of the release in service; only those that its card lists."""
    release = _serving()
    if release is None or f"figures/{name}" not in release.digests:
        raise NotFound
    return send_from_directory(release.path / "figures", name)


@blp.get("/handbook.json")
@scope("handbook")
def index() -> Response:
    """Every document with its state and its findings."""
    from app.handbook import catalogue, checking  # noqa: PLC0415 - the rules: 10 ms at start

    return jsonify(documents=catalogue.entries(_library(), _today(), checking.serves))


@blp.after_request
def conditional(response: Response) -> Response:
    """Answer 304 where the reader has the page already."""
    if request.method == "GET" and response.status_code == HTTPStatus.OK and response.is_sequence:
        response.cache_control.no_cache = True
        response.add_etag()
        response.make_conditional(request)
    return response


@blp.app_template_filter("code")
def code(text: str) -> Markup:
    """A sentence whose `words` between backticks are code."""
    parts = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if i % 2 else part for i, part in enumerate(parts)
    )


@blp.app_context_processor
def context() -> dict[str, Any]:
    """What every template may use."""
    return {
        "library": _library(),
        "today": _today(),
        "number": numbers.number,
        "signed": numbers.signed,
    }


def _library() -> Library:
    library: Library = current_app.extensions["handbook"]()
    return library


def _serving() -> Any:
    """The release in service, or None."""
    return current_app.extensions["releases"].serving


def _today() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).date()
