"""Errors as RFC 9457 problems for all routes, or as pages for browsers outside the API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from flask import Response, current_app, render_template, request
from werkzeug.exceptions import BadRequest, HTTPException, NotFound
from werkzeug.wrappers import Response as Answer

from app.access.cross_site import CrossSite
from app.access.sign_in_pages import answer_for_people
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

    def answer(self, instance: str, prefix: str = "") -> dict[str, Any]:
        """Return the answer to the example, for a request with that id.

        Args:
            instance: the id.
            prefix: the service's URL_PREFIX.
        """
        body: dict[str, Any] = {
            "type": problem_url(self.slug, prefix),
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
        }
        return body | _listed(list(self.errors)) if self.errors else body


def problem_url(slug: str, prefix: str) -> str:
    """Return the address of the page that explains a type, on a service with this URL_PREFIX."""
    return f"{prefix}/problems/{slug}"


def _listed(errors: list[dict[str, Any]], count: int | None = None) -> dict[str, Any]:
    """Return the members that name faults."""
    return {"errors": errors, "error_count": len(errors) if count is None else count}


def _load() -> dict[str, ProblemType]:
    text = Path(__file__).with_name("problems.yaml").read_text("utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast if there is one
    entries = yaml.load(text, loader)  # noqa: S506 - a SafeLoader
    return {slug: ProblemType(slug=slug, **entry) for slug, entry in entries.items()}


PROBLEM_TYPES = _load()
_BY_STATUS: dict[int, ProblemType] = {}
for _kind in PROBLEM_TYPES.values():
    _BY_STATUS.setdefault(_kind.status, _kind)


class Problem(HTTPException):
    """An error with a problem type; raise it from anywhere below a view.

    Args:
        slug: of the type, a key of `problems.yaml`.
        detail: what is wrong with this request.
        errors: for invalid input, a list of `{"pointer", "detail", "value"}`.
        headers: such as `Retry-After`.
        error_count: the number of all faults, if `errors` lists some of them.
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
        """Return the headers of werkzeug's answer and of this problem."""
        return [*super().get_headers(*args, **kwargs), *self.headers.items()]


def problem_response(error: HTTPException) -> Answer | HTTPException:
    """Turn an HTTP error into a problem, or into a page for a browser."""
    if error.code is None or error.code < 400:  # a redirect
        return error
    body = problem_body(error, request.environ)
    page = _wants_page()
    response: Answer
    if _prefers_pages() and (special := answer_for_people(error, page=page)):
        response = special
    elif page:
        response = Response(render_template("error.html", problem=body), error.code)
    else:
        response = json_response(body, error.code, MEDIA_TYPE)
    if response.status_code >= 400:
        for name, value in problem_headers(error):
            response.headers.add(name, value)
    return response


def problem_body(error: HTTPException, environ: Mapping[str, Any]) -> dict[str, Any]:
    """Describe an error as a problem, for the request with this environment."""
    code = error.code or 500
    other = PROBLEM_TYPES["bad-request" if code < 500 else "internal-error"]
    if isinstance(error, Problem):
        kind = error.kind
    elif isinstance(error, CrossSite):
        kind = PROBLEM_TYPES[error.slug]
    else:
        kind = _BY_STATUS.get(code, other)
    body: dict[str, Any] = {
        "type": problem_url(kind.slug, environ.get("SCRIPT_NAME", "")),
        "title": kind.title,
        "status": code,
        "detail": _detail(error, environ),
        "instance": environ.get("churn.request_id", ""),
    }
    if isinstance(error, Problem) and error.errors is not None:
        body |= _listed(error.errors, error.error_count)
    return body


def problem_headers(error: HTTPException) -> list[tuple[str, str]]:
    """Return the headers that a status requires: Allow for 405, Retry-After."""
    return [pair for pair in error.get_headers() if pair[0].lower() != "content-type"]


def _detail(error: HTTPException, environ: Mapping[str, Any]) -> str:
    if error.code == 500:
        return "The service failed. The log has the error under the request id."
    if isinstance(error, NotFound) and not isinstance(error, Problem):
        path = environ.get("PATH_INFO", "").encode("latin-1").decode(errors="replace")
        return f"There is nothing at /{path.lstrip('/')}"
    return error.description or error.name


def _wants_page() -> bool:
    """Whether the caller is a browser that wants a page, and not a client of the API."""
    if request.blueprint in current_app.config["API_BLUEPRINTS"]:
        return False
    if isinstance(request.routing_exception, BadRequest):
        return False  # an invalid host, so the page's links have no address
    return _prefers_pages()


def _prefers_pages() -> bool:
    accepts = request.accept_mimetypes
    named = [kind for kind in accepts.values() if kind in ("text/html", "application/json")]
    return named[:1] == ["text/html"] and accepts["text/html"] >= accepts["application/json"]
