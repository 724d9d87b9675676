"""The blueprint of API routes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import flask_smorest

from app.http.openapi_responses import response_name
from app.http.request_parsing import QueryParser

View = TypeVar("View", bound=Callable[..., Any])


class Blueprint(flask_smorest.Blueprint):
    """flask-smorest's blueprint with our reading of queries."""

    ARGUMENTS_PARSER = QueryParser()

    def describes(self, schema: Any, **options: Any) -> Callable[[View], View]:
        """Document arguments as `arguments` does, and leave it to the view to read them."""
        return _only_documented(self.arguments(schema, **options))

    def alt_response(self, *args: Any, **kwargs: Any) -> Callable[[View], View]:
        """Document a status; flask-smorest's method would also wrap the view each time."""
        return _only_documented(super().alt_response(*args, **kwargs))

    def refuses(self, *statuses: int) -> Callable[[View], View]:
        """Document statuses that are answered with a problem."""

        def decorator(view: View) -> View:
            for status in statuses:
                view = self.alt_response(status, response_name(status))(view)
            return view

        return decorator


def _only_documented(document: Callable[[Any], Any]) -> Callable[[View], View]:
    """Keep what a decorator of flask-smorest documents, without its wrapper around the view."""

    def decorator(view: Any) -> Any:
        view._apidoc = document(view)._apidoc
        return view

    return decorator
