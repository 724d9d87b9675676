"""Types of the part of flask-smorest that the service uses; the package has none."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeVar

import flask
import marshmallow as ma
from apispec import APISpec
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import HTTPException

View = TypeVar("View", bound=Callable[..., Any])

class Blueprint(flask.Blueprint):
    ARGUMENTS_PARSER: ClassVar[FlaskParser]

    def __init__(
        self, name: str, import_name: str, *, description: str = "", url_prefix: str | None = None
    ) -> None: ...
    def route(  # type: ignore[override]
        self,
        rule: str,
        *,
        methods: Sequence[str] = ...,
        parameters: Sequence[dict[str, Any]] = ...,
    ) -> Callable[[View], View]: ...
    def arguments(
        self, schema: ma.Schema, *, location: str = ..., example: object = ...
    ) -> Callable[[View], View]: ...
    def response(self, status_code: int, schema: type[ma.Schema]) -> Callable[[View], View]: ...
    def alt_response(
        self,
        status_code: int,
        response: str | None = None,
        *,
        schema: type[ma.Schema] | None = None,
        description: str | None = None,
    ) -> Callable[[View], View]: ...
    def doc(self, **kwargs: object) -> Callable[[View], View]: ...

class Api:
    DEFAULT_ERROR_RESPONSE_NAME: ClassVar[str | None]
    ERROR_SCHEMA: ClassVar[type[ma.Schema]]
    spec: APISpec
    ma_plugin: Any
    _app: flask.Flask

    def __init__(self, app: flask.Flask, *, spec_kwargs: dict[str, Any]) -> None: ...
    def register_blueprint(self, blp: Blueprint) -> None: ...
    def handle_http_exception(self, error: HTTPException) -> Any: ...
    def _openapi_json(self) -> flask.Response: ...
