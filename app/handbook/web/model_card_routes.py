"""The model card's pages, and what is fetched once the card is up."""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, send_file
from werkzeug.exceptions import NotFound

from app.access import scope
from app.handbook.card import card_page, card_tables, inline_figures, number_format, term_plots
from app.handbook.documents.document_types import parse_date
from app.handbook.web.etag import conditional
from app.services import services

blp = Blueprint("model-card", __name__)
blp.after_request(conditional)


@blp.get("/model-card")
@scope("handbook")
def card() -> str:
    """The card of the release in service, with every term as a plot."""
    release = services().releases.serving
    if release is None:
        return render_template("no-model.html")
    shown = inline_figures.figures(release)
    return render_template(
        "model-card.html",
        release=release,
        card=release.card,
        released=parse_date(str(release.card.get("date"))),
        sections=card_page.sections(release.card, list(shown)),
        metrics=card_page.metrics(release.card),
        figures=shown,
        captions=card_page.CAPTIONS,
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
    """The digest of each file: in the card, of the bytes in memory, of the file as it is now."""
    release = services().releases.serving
    if release is None:
        return jsonify(version=None, matches=False, files=[])
    files = [_file(release, item) for item in release.card.get("artifacts") or []]
    matches = all(f["card"] == f["memory"] == f["disk"] for f in files)
    return jsonify(version=release.version, matches=matches, files=files)


@blp.get("/model-card/figures/<name>")
@scope("handbook")
def figure(name: str) -> Response:
    """A figure of the release in service; only those that its card lists."""
    release = services().releases.serving
    if release is None or f"figures/{name}" not in release.digests:
        raise NotFound
    digest = release.digests[f"figures/{name}"]
    try:
        content = (release.path / "figures" / name).read_bytes()
    except OSError:
        raise NotFound from None
    if hashlib.sha256(content).hexdigest() != digest:  # replaced since the release was loaded
        raise NotFound
    return send_file(BytesIO(content), download_name=name, etag=digest)


def _file(release: Any, item: dict[str, str]) -> dict[str, str | None]:
    name = item["file"]
    known = name in release.digests  # the card's own words lead to no other file
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
