"""Swagger UI and ReDoc, from local files."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, make_response, render_template
from werkzeug.exceptions import NotFound

from app.access import any_key
from app.http.assets import Asset
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
    return _asset(name).answer()


@pages.url_defaults
def add_digest(endpoint: str, values: dict[str, Any]) -> None:
    """Let the address of a packaged file change with it."""
    if endpoint == "api-pages.asset":
        values["v"] = _asset(values["name"]).digest


@cache
def _asset(name: str) -> Asset:
    """Read a packaged file, some megabytes, when it is first asked for."""
    return Asset.of(name, (_ASSETS / _NAMES[name]).read_bytes())


def _page(template: str, extra: str) -> Response:
    response = make_response(render_template(template))
    response.headers["Content-Security-Policy"] = f"{CONTENT_SECURITY_POLICY}; {extra}"
    return response
