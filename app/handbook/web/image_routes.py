"""The images of documents."""

from __future__ import annotations

from flask import Blueprint, Response, send_file
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import NotFound
from werkzeug.routing import PathConverter

from app.access import scope
from app.handbook.documents import link_targets
from app.handbook.web.etag import conditional
from app.services import services

blp = Blueprint("images", __name__)
blp.after_request(conditional)


class _ImageName(PathConverter):
    """A path that ends like the name of an image."""

    regex = r"[^/].*\.(?i:png|jpe?g|gif|webp|svg)"
    weight = 50  # before the documents'


@blp.record_once
def _add_converter(state: BlueprintSetupState) -> None:
    state.app.url_map.converters["image"] = _ImageName


@blp.get("/<any(runbooks, adrs, guides, incidents):folder>/<image:name>")
@scope("handbook")
def image(folder: str, name: str) -> Response:
    """Send an image of a document."""
    file = services().library().image(f"{folder}/{name}")
    if file is None:
        raise NotFound
    answer = send_file(file, link_targets.IMAGES[file.suffix.lower()])
    # A vector image is a document, which may have scripts when it is opened by itself.
    answer.headers["Content-Security-Policy"] = "sandbox"
    return answer
