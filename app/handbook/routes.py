"""The pages. Each is made of what was read at start: none waits for another system."""

from __future__ import annotations

import datetime
from collections import Counter
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template, request
from markupsafe import Markup
from werkzeug.exceptions import NotFound

from app.access import scope
from app.handbook import (
    alert_states,
    catalogue,
    checking,
    lineage,
    model_card,
    numbers,
    pages,
    review_calendar,
)
from app.handbook.conditional import conditional
from app.handbook.documents import STATUSES, Runbook, parse_date
from app.handbook.library import Library

blp = Blueprint(
    "handbook",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/handbook/static",
)
blp.after_request(conditional)


@blp.get("/")
@scope("handbook")
def home() -> str:
    """What this is, its state, and the ways in."""
    release = _serving()
    return render_template(
        "home.html",
        release=release,
        released=parse_date(str(release.card.get("date"))) if release else None,
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
    """Every decision, the newest first, or those of one status."""
    every = _library().adrs[::-1]
    chosen = request.args.get("status", "").lower()
    counts = Counter(document.status.lower() for document in every)
    return render_template(
        "adrs.html",
        documents=[d for d in every if d.status.lower() == chosen] if chosen else every,
        chosen=chosen,
        every=len(every),
        counts=[(status, counts[status.lower()]) for status in STATUSES if counts[status.lower()]],
        graph=lineage.graph(every),
    )


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
    page = pages.page(_library(), found, request.args)
    return render_template(f"{found.kind}.html", page=page)


@blp.get("/runbooks/<slug>/state.json")
@scope("handbook")
def alerts(slug: str) -> Response:
    """The state of a runbook's alerts, which its page fetches once it is up."""
    found = _library().get("runbooks", slug)
    if not isinstance(found, Runbook):
        raise NotFound
    states = alert_states.states(current_app.config["PROMETHEUS_URL"], found.alerts)
    return jsonify(alerts=[{"name": name, "state": state} for name, state in states.items()])


@blp.get("/handbook")
@scope("handbook")
def calendar() -> str:
    """What is due and overdue for review, by owner."""
    owners = review_calendar.calendar(_library(), _today())
    reviews = [review for _, entries in owners for review in entries]
    return render_template(
        "calendar.html", owners=owners, counts=Counter(review.state for review in reviews)
    )


@blp.get("/handbook.json")
@scope("handbook")
def index() -> Response:
    """Every document with its state and its findings."""
    return jsonify(documents=catalogue.entries(_library(), _today(), checking.serves))


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
        "edit_url": current_app.config["DOCS_EDIT_URL"],
        "prometheus": bool(current_app.config["PROMETHEUS_URL"]),
        "grafana_url": current_app.config["GRAFANA_URL"],
    }


def _library() -> Library:
    library: Library = current_app.extensions["handbook"]()
    return library


def _serving() -> Any:
    """The release in service, or None."""
    return current_app.extensions["releases"].serving


def _today() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).date()
