"""The model card's page, and the digests that it fetches later."""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Blueprint, Response, jsonify, render_template

from app.access import scope
from app.handbook.card import card_page, card_tables, evaluation_plots, number_format, term_plots
from app.handbook.documents.document_types import parse_date
from app.handbook.web.etag import conditional
from app.releases.release_loader import Release
from app.services import services

blp = Blueprint("model-card", __name__)
blp.after_request(conditional)


@blp.get("/model-card")
@scope("handbook")
def card() -> str:
    """Show the card of the release in service, with a plot of every term."""
    release = services().releases.serving
    if release is None:
        return render_template("no-model.html")
    return services().library().derive("model card", lambda: _page(release), release)


def _page(release: Release) -> str:
    charts = evaluation_plots.charts(
        release.evaluation, release.card["metrics"]["decision_thresholds"]
    )
    return render_template(
        "model-card.html",
        release=release,
        card=release.card,
        released=parse_date(str(release.card.get("date"))),
        sections=card_page.sections(release.card, figures=bool(charts)),
        metrics=card_page.metrics(release.card),
        charts=charts,
        x_ticks=evaluation_plots.X_TICKS,
        y_ticks=evaluation_plots.Y_TICKS,
        mismatched=card_page.mismatched(release),
        plots=term_plots.plots(release.scorecard, release.contract),
        policies=card_tables.policies(release.card.get("metrics") or {}),
        table=card_tables.table,
        words=card_tables.words,
        number=number_format.number,
        signed=number_format.signed,
    )


@blp.get("/model-card/state.json")
@scope("handbook")
def state() -> Response:
    """Return the digest of each file: in the card, in memory and on disk."""
    release = services().releases.serving
    if release is None:
        return jsonify(version=None, matches=False, files=[])
    files = [_file(release, item) for item in release.card.get("artifacts") or []]
    matches = all(f["card"] == f["memory"] == f["disk"] for f in files)
    return jsonify(version=release.version, matches=matches, files=files)


def _file(release: Release, item: dict[str, str]) -> dict[str, str | None]:
    name = item["file"]
    known = name in release.digests  # a card must not name files outside the release
    return {
        "file": name,
        "card": item["sha256"],
        "memory": release.digests.get(name),
        "disk": _digest(release.path / name) if known else None,
    }


def _digest(path: Path) -> str | None:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None
