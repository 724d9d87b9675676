"""Every document for programs: as markdown, in `/llms.txt` and in a feed."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from app.access import scope
from app.handbook.card import card_markdown
from app.handbook.documents import experiment_list
from app.handbook.rendering import document_markdown
from app.handbook.web import atom_feed, llms_text, routes
from app.handbook.web.etag import conditional
from app.services import services

blp = Blueprint("markdown", __name__)
blp.after_request(conditional)


@routes.blp.get("/<any(runbooks, adrs, guides, incidents):folder>/<slug>.md")
@scope("handbook")
def markdown(folder: str, slug: str) -> Response | str:
    """Return the source of a document, or the page of one whose own name ends like this."""
    found = services().library().get(folder, slug)
    if found is None:
        return routes.document(folder, f"{slug}.md")
    return _answer(document_markdown.text(found, _base()))


@blp.get("/model-card.md")
@scope("handbook")
def card() -> Response:
    """Return the card of the release in service."""
    release = services().releases.serving
    if release is None:
        raise NotFound("No model is in service")
    library = services().library()
    experiments = experiment_list.experiments(library)
    made = library.derive(
        "card as markdown", lambda: card_markdown.text(release, experiments), release
    )
    return _answer(made)


@blp.get("/llms.txt")
@scope("handbook")
def llms() -> Response:
    """Return what the service is, and a link to each document with one line about it."""
    stamp, service = services().mirror, _service()
    model = services().releases.serving is not None
    pages = "." if stamp else service  # the mirror's own files
    text = llms_text.text(services().library(), pages, service, model=model)
    return Response(text, mimetype="text/plain")


@blp.get("/feed.xml")
@scope("handbook")
def feed() -> Response:
    """Return the documents by date as an Atom feed."""
    made = atom_feed.feed(services().library(), _service())
    return Response(made, mimetype="application/atom+xml")


def _service() -> str:
    """Return the service's address, as its reader wrote it."""
    return request.url_root[:-1]


def _base() -> str:
    """Return what goes before the addresses of pages; the mirror hasn't all of them."""
    stamp = services().mirror
    return stamp.service if stamp else services().url_prefix


def _answer(text: str) -> Response:
    return Response(text, mimetype="text/markdown")
