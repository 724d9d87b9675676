"""The pages. They are made from documents in memory and don't wait for other systems."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template, request
from werkzeug.exceptions import NotFound

from app.access import scope
from app.handbook import catalogue
from app.handbook.documents import card_facts, command_blocks, teams
from app.handbook.documents.document_types import STATUSES, Runbook
from app.handbook.documents.library import Library
from app.handbook.documents.opening_line import opening_line
from app.handbook.web import decision_lineage, document_page, front_page, review_calendar
from app.handbook.web.etag import conditional
from app.http import known_paths
from app.services import services

blp = Blueprint(
    "handbook",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/handbook/static",
)
blp.after_request(conditional)
blp.add_app_template_global(teams.anchor, "team_id")


@blp.get("/")
@scope("handbook")
def home() -> str:
    """Show what the service is, its state, and the ways in."""
    library, release = services().library(), services().releases.serving
    shown = front_page.values(library, release, _today(), request.url_root[:-1])
    return render_template("home.html", **shown)


@blp.get("/runbooks")
@scope("handbook")
def runbooks() -> str:
    """List the runbooks, the most severe first."""
    return _kept("runbooks.html", lambda library: {"documents": library.runbooks})


@blp.get("/adrs")
@scope("handbook")
def adrs() -> str:
    """List the decisions, the newest first, or those with one status."""
    asked = request.args.get("status", "").capitalize()
    chosen = asked if asked in ("", *STATUSES) else "unknown"

    def values(library: Library) -> dict[str, Any]:
        every = library.adrs[::-1]
        counts = Counter(document.status for document in every)
        return {
            "documents": [d for d in every if d.status == chosen] if chosen else every,
            "chosen": chosen.lower(),
            "every": len(every),
            "counts": [(status, counts[status]) for status in STATUSES if counts[status]],
            "graph": decision_lineage.graph(every),
        }

    return _kept("adrs.html", values, chosen)


@blp.get("/guides")
@scope("handbook")
def guides() -> str:
    """List the guides."""
    return _kept(
        "guides.html",
        lambda library: {
            "documents": library.guides,
            "opening": partial(document_page.opening, library),
        },
    )


@blp.get("/incidents")
@scope("handbook")
def incidents() -> str:
    """List the incidents, the newest first."""
    return _kept("incidents.html", lambda library: {"documents": library.incidents})


@blp.get("/<any(runbooks, adrs, guides, incidents):folder>/<slug>")
@scope("handbook")
def document(folder: str, slug: str) -> str:
    """Show a document."""
    library = services().library()
    found = library.get(folder, slug)
    if found is None:
        raise NotFound
    page = document_page.page(library, found)
    return render_template(f"{found.kind}.html", page=page)


@blp.get("/runbooks/<slug>/state.json")
@scope("handbook")
def alerts(slug: str) -> Response:
    """Return the state of a runbook's alerts, which its page fetches later."""
    found = services().library().get("runbooks", slug)
    if not isinstance(found, Runbook):
        raise NotFound
    states = services().alerts.states(found.alerts)
    return jsonify(alerts=[{"name": name, **asdict(found)} for name, found in states.items()])


@blp.get("/runbooks/<slug>/drill.json")
@scope("handbook")
def drill(slug: str) -> Response:
    """Return the active drill of a runbook's alerts, or null; its page fetches it later."""
    found = services().library().get("runbooks", slug)
    if not isinstance(found, Runbook):
        raise NotFound
    active = services().alertmanager.drill(found.alerts)
    return jsonify(drill=active and asdict(active))


@blp.get("/handbook")
@scope("handbook")
def calendar() -> str:
    """Show due and overdue reviews by owner, the teams, and how commands are proven."""

    def values(library: Library) -> dict[str, Any]:
        owners = review_calendar.calendar(library, card_facts.newest(library), _today())
        return {
            "owners": owners,
            "teams": {team.name: team for team in teams.read(library.root)[0]},
            "counts": Counter(review.state for _, reviews in owners for review in reviews),
            "proofs": command_blocks.proofs(library),
        }

    return _kept("calendar.html", values)


@blp.get("/handbook.json")
@scope("handbook")
def index() -> Response:
    """Return every document with its state and findings."""
    known = services()
    found = catalogue.entries(known.library(), _today(), known_paths.serves, known.checks.names)
    return jsonify(documents=found)


@blp.context_processor
def context() -> dict[str, Any]:
    """Return the values for all templates."""
    library = services().library()
    return {
        "library": library,
        "about": opening_line,
        "proof": partial(document_page.proof, library),
        "today": _today(),
        "edit_url": current_app.config["DOCS_EDIT_URL"],
        "alertmanager": bool(services().alertmanager.address),
        "prometheus": bool(services().alerts.address),
        "grafana_url": current_app.config["GRAFANA_URL"],
    }


def _kept(template: str, values: Callable[[Library], dict[str, Any]], variant: str = "") -> str:
    """Make a page that lists documents, once a day: a thousand rows take long.

    Args:
        template: its name.
        values: returns the values for the template.
        variant: distinguishes pages of one template; there are few.
    """
    library, today = services().library(), _today()
    key = "list", template, variant
    return library.derive(key, lambda: render_template(template, **values(library)), today)


def _today() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).date()
