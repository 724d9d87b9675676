"""The blueprint of API routes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask_smorest

from app.http.request_parsing import StrictParser


class Blueprint(flask_smorest.Blueprint):
    """flask-smorest's blueprint with the strict parser."""

    ARGUMENTS_PARSER = StrictParser()

    def alt_response(self, *args: Any, **kwargs: Any) -> Callable[..., Any]:
        """Document a status; flask-smorest's method would also wrap the view each time."""
        document = super().alt_response(*args, **kwargs)

        def decorator(view: Any) -> Any:
            view._apidoc = document(view)._apidoc
            return view

        return decorator
