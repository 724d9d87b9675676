"""The OpenAPI document, and the pages that show it: Swagger UI and ReDoc, from local files."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import flask_smorest
from flask import Blueprint, Flask, Response, make_response, render_template, send_from_directory
from marshmallow.fields import Field
from werkzeug.exceptions import HTTPException, NotFound

from app import problems
from app.access import any_key
from app.access.document import AccessPlugin
from app.answers import AnswersPlugin, ProblemDetails, register_problems
from app.headers import CONTENT_SECURITY_POLICY


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
        register_problems(self.spec)

    def _register_pagination_header(self) -> None:
        """None: pages of the API are told in the body."""


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


def _nullable_values(
    _: Any,
    field: Field[Any],
    ret: dict[str, Any],
    **__: Any,
) -> dict[str, Any]:
    """Write values of which one is null so that generated clients make one type of them."""
    values = ret.get("enum", ())
    if None not in values:
        return {}
    for key in ("enum", "type"):
        ret.pop(key)
    known = [value for value in values if value is not None]
    title = (field.name or "").title().replace("_", "")
    return {"anyOf": [{"type": "string", "enum": known, "title": title}, {"type": "null"}]}


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
    access = AccessPlugin(app, keys=app.extensions["access"].keys is not None)
    api = Api(app, spec_kwargs={"extra_plugins": [access, AnswersPlugin()]})
    api.ma_plugin.converter.add_attribute_function(_nullable_values)
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    app.register_blueprint(pages)
    return api
