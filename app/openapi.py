"""The OpenAPI document, and the pages that show it: Swagger UI and ReDoc, from local files."""

from __future__ import annotations

import http
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import flask_smorest
import marshmallow as ma
from flask import Blueprint, Flask, Response, make_response, render_template, send_from_directory
from flask_smorest.utils import prepare_response
from marshmallow import fields
from werkzeug.exceptions import HTTPException, NotFound

from app import problems
from app.access import any_key
from app.access.document import AccessPlugin
from app.headers import CONTENT_SECURITY_POLICY


class InvalidValue(ma.Schema):
    """One fault of an invalid request."""

    pointer = fields.String(metadata={"description": "Its place in the body, a JSON pointer"})
    parameter = fields.String(metadata={"description": "Its name in the query"})
    detail = fields.String(required=True, metadata={"description": "What would be right"})
    value = fields.Raw(allow_none=True, metadata={"description": "What was sent"})


class ProblemDetails(ma.Schema):
    """An error as RFC 9457 defines it."""

    type = fields.String(required=True, metadata={"description": "The page that explains it"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    instance = fields.String(required=True, metadata={"description": "The request id"})
    errors = fields.List(fields.Nested(InvalidValue))


class Api(flask_smorest.Api):
    """flask-smorest's Api with problems as errors, and no undocumented default answer."""

    DEFAULT_ERROR_RESPONSE_NAME = None
    ERROR_SCHEMA = ProblemDetails

    def handle_http_exception(self, error: HTTPException) -> Response | HTTPException:
        """Answer every HTTP error of the application, its headers included."""
        return problems.answer(error)

    @any_key
    def _openapi_json(self) -> Response:
        answer: Response = super()._openapi_json()
        return answer

    def _register_responses(self) -> None:
        for status in http.HTTPStatus:
            if status >= http.HTTPStatus.BAD_REQUEST:
                response: dict[str, Any] = {
                    "description": status.phrase,
                    "schema": self.ERROR_SCHEMA,
                }
                prepare_response(response, self.spec, problems.MEDIA_TYPE)
                self.spec.components.response(status.name, response, lazy=True)


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
    """Swagger UI; it sets inline styles."""
    return _page("swagger.html", "style-src 'self' 'unsafe-inline'")


@pages.get("/redoc")
@any_key
def redoc() -> Response:
    """ReDoc; it sets inline styles and carries its fonts as data."""
    return _page("redoc.html", "style-src 'self' 'unsafe-inline'; font-src 'self' data:")


@pages.get("/docs/assets/<name>")
@any_key
def asset(name: str) -> Response:
    """A file of the packaged Swagger UI or ReDoc."""
    if name not in _NAMES:
        raise NotFound
    return send_from_directory(_ASSETS, _NAMES[name], max_age=86400)


def _page(template: str, extra: str) -> Response:
    response = make_response(render_template(template))
    response.headers["Content-Security-Policy"] = f"{CONTENT_SECURITY_POLICY}; {extra}"
    return response


def init_app(app: Flask, blueprints: list[flask_smorest.Blueprint]) -> Api:
    """Document and register the API's blueprints, and the pages that show the document."""
    app.config.update(
        API_TITLE="Churn predictions",
        API_VERSION="1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/",
        API_BLUEPRINTS=frozenset(blueprint.name for blueprint in blueprints),
        API_SPEC_OPTIONS={
            "info": {
                "description": "Scores customers for churn, with the exact reasons for each "
                "score. Errors are RFC 9457 problems; their types are explained at /problems.",
                "license": {"name": "MIT", "identifier": "MIT"},
            },
            "servers": [{"url": "/"}],
        },
    )
    plugin = AccessPlugin(app, keys=app.extensions["access"].keys is not None)
    api = Api(app, spec_kwargs={"extra_plugins": [plugin]})
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    app.register_blueprint(pages)
    return api
