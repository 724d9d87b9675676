"""The OpenAPI document, and the registration of the API."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import flask_smorest
from flask import Flask, Response, current_app, json
from marshmallow.fields import Field
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as Answer

from app.access import any_key
from app.http import problems
from app.http.api_pages import pages
from app.http.contract_examples import with_features_of
from app.http.openapi_responses import AnswersPlugin, register_problems
from app.http.openapi_security import AccessPlugin
from app.http.shared_schemas import Address, ProblemDetails
from app.services import services, services_of


class Api(flask_smorest.Api):
    """flask-smorest's Api with problems as errors, and no undocumented default answer."""

    DEFAULT_ERROR_RESPONSE_NAME = None
    ERROR_SCHEMA = ProblemDetails

    def handle_http_exception(self, error: HTTPException) -> Answer | HTTPException:
        """Answer every HTTP error of the application, its headers included."""
        return problems.problem_response(error)

    @any_key
    def _openapi_json(self) -> Response:
        document = with_features_of(services().releases.contract, self.spec.to_dict())
        text = json.dumps(document, indent=2, sort_keys=False)
        return current_app.response_class(text, mimetype="application/json")

    def _register_responses(self) -> None:
        # The converter first: registering the problems describes their schema.
        prefix = services_of(self._app).url_prefix
        self.ma_plugin.converter.add_attribute_function(_addresses(prefix))
        register_problems(self.spec, prefix)

    def _register_pagination_header(self) -> None:
        """Register nothing: the API's pagination is in the body."""


def _nullable_values(
    _: Any,
    field: Field[Any],
    ret: dict[str, Any],
    **__: Any,
) -> dict[str, Any]:
    """Describe nullable values so that generated clients make one type of them."""
    values = ret.get("enum", ())
    if None not in values:
        return {}
    for key in ("enum", "type"):
        ret.pop(key)
    known = [value for value in values if value is not None]
    title = (field.name or "").title().replace("_", "")
    return {"anyOf": [{"type": "string", "enum": known, "title": title}, {"type": "null"}]}


def _addresses(prefix: str) -> Callable[..., dict[str, Any]]:
    """Return a function that puts the service's prefix before examples of addresses."""

    def described(_: Any, field: Field[Any], ret: dict[str, Any], **__: Any) -> dict[str, Any]:
        if not isinstance(field, Address):
            return {}
        return {"examples": [prefix + example for example in ret["examples"]]}

    return described


def init_app(app: Flask, blueprints: Sequence[flask_smorest.Blueprint]) -> Api:
    """Document and register the API's blueprints, and the pages that show the document."""
    prefix = services_of(app).url_prefix
    app.config.update(
        API_TITLE="Churn predictions",
        API_VERSION="1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/",
        API_BLUEPRINTS=frozenset(blueprint.name for blueprint in blueprints),
        API_SPEC_OPTIONS={
            "info": {
                "description": "Scores customers for churn, with the exact reasons for each "
                "score. Errors are RFC 9457 problems; their types are explained at "
                f"{prefix}/problems.",
                "license": {"name": "MIT", "identifier": "MIT"},
            },
            "servers": [{"url": prefix or "/"}],
        },
    )
    access = AccessPlugin(app, keys=services_of(app).guard.keys is not None)
    api = Api(app, spec_kwargs={"extra_plugins": [access, AnswersPlugin()]})
    api.ma_plugin.converter.add_attribute_function(_nullable_values)
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    app.register_blueprint(pages)
    return api


def describe_view(
    app: Flask,
    api: Api,
    path: str,
    *,
    name: str,
    tag: tuple[str, str],
    summary: str,
    content: dict[str, Any],
) -> None:
    """Add a registered view that isn't flask-smorest's to the document.

    Args:
        app: the application.
        api: the document.
        path: of the view.
        name: of the operation.
        tag: name and description, which is empty where the document has it.
        summary: what the operation does.
        content: the schema of its answer, by media type.
    """
    rules = (rule for rule in app.url_map.iter_rules() if rule.rule == path)
    (rule,) = (rule for rule in rules if rule.methods and "GET" in rule.methods)
    operation = {
        "operationId": name,
        "tags": [tag[0]],
        "summary": summary,
        "responses": {"200": {"description": "OK", "content": content}},
    }
    api.spec.path(path=path, rule=rule, operations={"get": operation})
    if tag[1]:
        api.spec.tag({"name": tag[0], "description": tag[1]})
