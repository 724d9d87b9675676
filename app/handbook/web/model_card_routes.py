"""The model card's page, and the digests that it fetches later."""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Blueprint, Response, jsonify, render_template

from app.access import scope
from app.handbook.card import card_page, card_tables, number_format, page_figures, term_plots
from app.handbook.documents import experiment_list
from app.handbook.documents.document_types import parse_date
from app.handbook.documents.library import Library
from app.handbook.documents.opening_line import shortened
from app.handbook.web.etag import conditional
from app.http.effect_words import log_odds, odds, percent
from app.http.page_shell import printed
from app.releases.release_loader import Release
from app.services import services
from model.scorecard import probability

blp = Blueprint("model-card", __name__)
blp.after_request(conditional)
for effect in (odds, log_odds):
    blp.add_app_template_filter(effect)


@blp.get("/model-card")
@scope("handbook")
def card() -> str:
    """Show the card of the release in service, with a plot of every term."""
    release = services().releases.serving
    if release is None:
        return render_template("no-model.html")
    library = services().library()
    return library.derive("model card", lambda: _page(release, library), (release, printed()))


def _page(release: Release, library: Library) -> str:
    card, evaluation = release.card, release.evaluation
    metrics = card_page.metrics(card)
    experiments = experiment_list.experiments(library)
    return render_template(
        "model-card.html",
        release=release,
        card=card,
        released=parse_date(str(card.get("date"))),
        decisions=[(path, library.by_path.get(path)) for path in card.get("decisions") or []],
        sections=card_page.sections(card, evaluation, experiments=bool(experiments)),
        experiments=experiments,
        shortened=shortened,
        metrics=metrics,
        headline=next(iter(metrics), None),
        approval=release.approval,
        **page_figures.figures(release),
        mismatched=card_page.mismatched(release),
        average=percent(probability(release.scorecard.intercept)),
        plots=term_plots.plots(
            release.scorecard, release.contract, evaluation.get("training_rows_by_bin") or {}
        ),
        policies=card_page.policies(card),
        table=card_tables.table,
        words=card_tables.words,
        number=number_format.number,
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
