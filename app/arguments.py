"""How request bodies and queries are read: strictly, and with a place for every fault."""

from __future__ import annotations

from typing import Any, NoReturn

import flask_smorest
import marshmallow as ma
from flask import Request
from webargs.flaskparser import FlaskParser

from app.problems import Problem
from app.strict_json import JSONError, loads, pointer


class StrictParser(FlaskParser):
    """Reads bodies with `strict_json` and answers faults as problems."""

    # A misspelt option is refused rather than ignored.
    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {  # noqa: RUF012
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": ma.RAISE,
    }

    def load_json(self, req: Request, schema: ma.Schema) -> Any:  # noqa: ARG002 - webargs' signature
        """Read the body.

        Raises:
            Problem: the body isn't declared as JSON, or isn't acceptable JSON.
        """
        if req.mimetype != "application/json":
            given = req.mimetype or "missing"
            raise Problem(
                "unsupported-media-type", f"Content-Type is {given[:100]}; send application/json"
            )
        try:
            return loads(req.get_data())
        except JSONError as error:
            errors = None
            if error.pointer is not None:
                errors = [{"pointer": error.pointer, "detail": error.detail}]
            raise Problem("malformed-json", error.detail, errors) from None

    def handle_error(
        self,
        error: ma.ValidationError,
        req: Request,
        schema: ma.Schema,  # noqa: ARG002 - webargs' signature
        **_: Any,
    ) -> NoReturn:
        """Answer what a schema refused, each fault with its pointer and value."""
        ((location, messages),) = error.messages_dict.items()
        source = req.args if location == "query" else error.data
        faults = [_fault(location, path, detail, source) for path, detail in flatten(messages)]
        some = "1 value" if len(faults) == 1 else f"{len(faults)} values"
        raise Problem("invalid-input", f"{some} in the {WHERE[location]} cannot be used", faults)


WHERE = {"json": "body", "query": "query"}


class Blueprint(flask_smorest.Blueprint):
    """flask-smorest's blueprint with the strict parser."""

    ARGUMENTS_PARSER = StrictParser()


def flatten(
    messages: Any, path: tuple[str | int, ...] = ()
) -> list[tuple[tuple[str | int, ...], str]]:
    """List marshmallow's nested messages as (path, message)."""
    if isinstance(messages, dict):
        return [
            found
            for key, below in messages.items()
            for found in flatten(below, path if key == "_schema" else (*path, key))
        ]
    return [(path, str(message)) for message in messages]


def _fault(location: str, path: tuple[str | int, ...], detail: str, source: Any) -> dict[str, Any]:
    fault: dict[str, Any] = {"detail": detail}
    if location == "query":
        fault["parameter"] = str(path[0])
        return fault | {"value": source.get(path[0])}
    fault["pointer"] = pointer(*path)
    for step in path:
        try:
            source = source[step]
        except (KeyError, IndexError, TypeError):
            return fault  # nothing was sent there
    return fault | ({"value": shown} if (shown := _shown(source)) is not ... else {})


def _shown(value: Any) -> Any:
    """A value short enough to send back, or Ellipsis."""
    if isinstance(value, str):
        return value if len(value) <= 100 else value[:100] + "…"
    if isinstance(value, int) and abs(value) >= 10**30:
        return "…"
    return ... if isinstance(value, dict | list) else value
