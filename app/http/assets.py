"""Serves scripts and the stylesheet: minified once, at addresses that change with their content."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rcssmin
import rjsmin
from flask import Flask, Response, request
from werkzeug.exceptions import NotFound

STYLES = Path(__file__).parent / "styles"
"""The stylesheet's sources, put together in the order of their names."""

SHEET = "page_shell.static", "handbook.css"

_MINIFIERS: dict[str, Callable[[str], str]] = {".css": rcssmin.cssmin, ".js": rjsmin.jsmin}
_DIGITS = 12
"""Hexadecimal digits of a digest in an address."""


@dataclass(frozen=True)
class Asset:
    """A file as it is served."""

    content: bytes
    mimetype: str
    digest: str

    @classmethod
    def of(cls, name: str, content: bytes) -> Asset:
        """Make an asset of a file's content."""
        mimetype = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return cls(content, mimetype, hashlib.sha256(content).hexdigest()[:_DIGITS])

    def answer(self) -> Response:
        """Answer it; for good at the address with its digest, otherwise until it changes."""
        response = Response(self.content, mimetype=self.mimetype)
        response.set_etag(self.digest, weak=True)
        if request.args.get("v") == self.digest:
            response.cache_control.public = True
            response.cache_control.max_age = 365 * 24 * 3600
            response.cache_control.immutable = True
        else:
            response.cache_control.no_cache = True
        response.make_conditional(request)
        return response


def init_app(app: Flask) -> None:
    """Serve the static files of all blueprints; call it when all are registered."""
    found = dict(_assets(app))

    def serve(filename: str) -> Response:
        asset = found.get((str(request.endpoint), filename))
        if asset is None:
            raise NotFound
        return asset.answer()

    for endpoint in {endpoint for endpoint, _ in found}:
        app.view_functions[endpoint] = serve

    @app.url_defaults
    def add_digest(endpoint: str, values: dict[str, Any]) -> None:
        if asset := found.get((endpoint, values.get("filename", ""))):
            values["v"] = asset.digest


def _assets(app: Flask) -> Iterator[tuple[tuple[str, str], Asset]]:
    """Yield each asset with its endpoint and file name."""
    sheet = "".join(file.read_text() for file in sorted(STYLES.glob("*.css")))
    yield SHEET, _minified("handbook.css", sheet.encode())
    for name, blueprint in app.blueprints.items():
        if blueprint.static_folder:
            folder = Path(blueprint.static_folder)
            for file in sorted(folder.rglob("*.*")):
                path = file.relative_to(folder).as_posix()
                yield (f"{name}.static", path), _minified(path, file.read_bytes())


def _minified(name: str, content: bytes) -> Asset:
    if minify := _MINIFIERS.get(Path(name).suffix):
        content = minify(content.decode()).encode()
    return Asset.of(name, content)
