"""Swagger UI and ReDoc, from local files."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from flask import Blueprint, Response, make_response, render_template, send_from_directory
from werkzeug.exceptions import NotFound

from app.access import any_key
from app.http.security_headers import CONTENT_SECURITY_POLICY

pages = Blueprint("api-pages", __name__)

_ASSETS = Path(find_spec("offapi").origin).parent  # type: ignore[union-attr,arg-type]
_NAMES = {
    "swagger-ui.js": "swagger_bundle.js",
    "swagger-ui.css": "swagger_style.css",
    "redoc.js": "redoc.js",
}


@pages.get("/docs")
@any_key
def swagger() -> Response:
    """Serve Swagger UI, which needs inline styles."""
    return _page("swagger.html", "style-src 'self' 'unsafe-inline'")


@pages.get("/redoc")
@any_key
def redoc() -> Response:
    """Serve ReDoc, which needs inline styles and embeds its fonts."""
    return _page("redoc.html", "style-src 'self' 'unsafe-inline'; font-src 'self' data:")


@pages.get("/docs/assets/<name>")
@any_key
def asset(name: str) -> Response:
    """Serve a file of the packaged Swagger UI or ReDoc."""
    if name not in _NAMES:
        raise NotFound
    return send_from_directory(_ASSETS, _NAMES[name], max_age=86400)


def _page(template: str, extra: str) -> Response:
    response = make_response(render_template(template))
    response.headers["Content-Security-Policy"] = f"{CONTENT_SECURITY_POLICY}; {extra}"
    return response
