"""Errors as RFC 9457 problems, for every route; as a page for a browser outside the API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from flask import Response, current_app, g, render_template, request
from werkzeug.exceptions import BadRequest, HTTPException, NotFound

from app.http.json_encoding import json_response

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class ProblemType:
    """A type of problem; its page at `/problems/<slug>` explains it to the caller."""

    slug: str
    status: int
    title: str
    meaning: str
    example: str
    detail: str
    remedy: str
    errors: tuple[dict[str, Any], ...] = ()

    def answer(self, instance: str) -> dict[str, Any]:
        """The answer to the example, to a request with that id."""
        body: dict[str, Any] = {
            "type": f"/problems/{self.slug}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
        }
        return body | _listed(list(self.errors)) if self.errors else body


def _listed(errors: list[dict[str, Any]], count: int | None = None) -> dict[str, Any]:
    """The members that name faults."""
    return {"errors": errors, "error_count": len(errors) if count is None else count}


def _load() -> dict[str, ProblemType]:
    text = Path(__file__).with_name("problems.yaml").read_text("utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where it is
    entries = yaml.load(text, loader)  # noqa: S506 - a SafeLoader
    return {slug: ProblemType(slug=slug, **entry) for slug, entry in entries.items()}


PROBLEM_TYPES = _load()
_BY_STATUS: dict[int, ProblemType] = {}
for _kind in PROBLEM_TYPES.values():
    _BY_STATUS.setdefault(_kind.status, _kind)


class Problem(HTTPException):
    """An error with a type of its own; raise it from anywhere below a view.

    Args:
        slug: the kind, a key of `problems.yaml`.
        detail: what is wrong with this very request.
        errors: for invalid input, a list of `{"pointer", "detail", "value"}`.
        headers: such as `Retry-After`.
        error_count: how many faults there are, where `errors` lists some of them.
    """

    def __init__(
        self,
        slug: str,
        detail: str,
        errors: list[dict[str, Any]] | None = None,
        headers: Mapping[str, str] | None = None,
        error_count: int | None = None,
    ) -> None:
        super().__init__(description=detail)
        self.kind = PROBLEM_TYPES[slug]
        self.code = self.kind.status
        self.errors = errors
        self.error_count = error_count
        self.headers = headers or {}

    def get_headers(self, *args: Any, **kwargs: Any) -> list[tuple[str, str]]:
        """The headers of werkzeug's own answer, and this problem's."""
        return [*super().get_headers(*args, **kwargs), *self.headers.items()]


def problem_response(error: HTTPException) -> Response | HTTPException:
    """Turn an HTTP error into the answer that its caller can read."""
    if error.code is None or error.code < 400:  # a redirect
        return error
    other = PROBLEM_TYPES["bad-request" if error.code < 500 else "internal-error"]
    kind = error.kind if isinstance(error, Problem) else _BY_STATUS.get(error.code, other)
    body: dict[str, Any] = {
        "type": f"/problems/{kind.slug}",
        "title": kind.title,
        "status": error.code,
        "detail": _detail(error),
        "instance": g.get("request_id") or request.environ.get("churn.request_id", ""),
    }
    if isinstance(error, Problem) and error.errors is not None:
        body |= _listed(error.errors, error.error_count)
    if _wants_page():
        response = Response(render_template("error.html", problem=body), error.code)
    else:
        response = json_response(body, error.code, MEDIA_TYPE)
    # Werkzeug's own headers carry what the status requires: Allow of a 405, Retry-After.
    for name, value in error.get_headers(request.environ):
        if name.lower() != "content-type":
            response.headers.add(name, value)
    return response


def _detail(error: HTTPException) -> str:
    if error.code == 500:
        return "Something failed on our side. The request id finds it in the log."
    if isinstance(error, NotFound) and not isinstance(error, Problem):
        return f"There is nothing at {request.path}"
    return error.description or error.name


def _wants_page() -> bool:
    """Whether the caller is a browser asking for a page rather than a client of the API."""
    if request.blueprint in current_app.config["API_BLUEPRINTS"]:
        return False
    if isinstance(request.routing_exception, BadRequest):
        return False  # a host that names nothing, and so no address for a page's links
    accepts = request.accept_mimetypes
    named = [kind for kind in accepts.values() if kind in ("text/html", "application/json")]
    return named[:1] == ["text/html"] and accepts["text/html"] >= accepts["application/json"]
