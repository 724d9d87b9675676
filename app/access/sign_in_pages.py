"""The pages by which people sign in with a key, and those that refuse them."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import quote

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as Answer

from app.access.cross_site import READING
from app.access.guard import NoKey, WrongScope
from app.access.local_addresses import address_of, is_local
from app.access.scopes import entrance
from app.services import services

blp = Blueprint("access", __name__, template_folder="templates")

MARK = Markup("<!--session-->")
"""Where a page has its place for who is signed in. Pages are kept for all, and without it."""

_FIRST = {"handbook": "/", "predict": "/customers", "operate": "/docs"}
"""The page at which a key of each scope begins."""


@blp.app_template_global()
def session_mark() -> Markup:
    """Return the place for who is signed in, on a service with keys."""
    return MARK if services().guard.keys else Markup()


@blp.get("/sign-in")
@entrance
def sign_in() -> Answer:
    """Ask for a key, or say that none is needed."""
    return _form(request.args.get("next", ""), HTTPStatus.OK)


@blp.post("/sign-in")
@entrance
def enter() -> Answer:
    """Begin a session for a right key; a wrong one counts against its sender's rate limit."""
    guard, limit = services().guard, services().rate_limit
    target = request.form.get("next", "")
    if guard.keys is None or guard.sessions is None:
        return redirect(url_for("access.sign_in"), HTTPStatus.SEE_OTHER)
    key = guard.keys.find(request.form.get("key", "").strip())
    if limit:
        limit.count(key.name if key else f"{request.remote_addr} at sign-in")
    if key is None:
        return _form(target, HTTPStatus.UNPROCESSABLE_ENTITY, "This key is unknown here.")
    guard.sessions.begin(key)
    if not is_local(target, services().url_prefix):
        target = services().url_prefix + first_page(key.scopes)
    return redirect(target, HTTPStatus.SEE_OTHER)


@blp.post("/sign-out")
@entrance
def sign_out() -> Answer:
    """End the session of this browser."""
    if sessions := services().guard.sessions:
        sessions.end()
    return redirect(url_for("access.sign_in"), HTTPStatus.SEE_OTHER)


def first_page(scopes: frozenset[str]) -> str:
    """Return the path of the page at which a key with these scopes begins."""
    return next(path for scope, path in _FIRST.items() if scope in scopes)


def _form(target: str, status: HTTPStatus, fault: str = "") -> Response:
    known = target if is_local(target, services().url_prefix) else ""
    made = render_template(
        "sign-in.html",
        target=known,
        fault=fault,
        keys=services().guard.keys is not None,
        signed_in=services().guard.signed_in(request.environ),
    )
    response = make_response(made, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def answer_for_people(error: HTTPException, *, page: bool) -> Answer | None:
    """Return how a browser is refused: led to sign in, or told which scope is missing.

    None: there is nothing special to say.

    Args:
        error: raised by the guard, or another one.
        page: whether errors at this address are pages.
    """
    if services().guard.keys is None:
        return None
    if isinstance(error, NoKey):
        if request.method in READING:
            here = quote(address_of(request.environ), safe="/")
            return redirect(f"{url_for('access.sign_in')}?next={here}", HTTPStatus.SEE_OTHER)
        fault = "You are not signed in any more. Sign in, and send it again."
        return _form("", HTTPStatus.UNAUTHORIZED, fault) if page else None
    if isinstance(error, WrongScope) and page:
        first = first_page(error.key.scopes)
        back = address_of(request.environ) if request.method in READING else ""
        made = render_template("wrong-scope.html", error=error, first=first, back=back)
        return make_response(made, HTTPStatus.FORBIDDEN)
    return None


def fill(response: Response) -> Response:
    """Write into a page who is signed in, and how to sign in or out."""
    if response.mimetype != "text/html" or not response.is_sequence:
        return response
    before, mark, after = response.get_data().partition(MARK.encode())
    if mark:
        key = services().guard.signed_in(request.environ)
        line = render_template("session-line.html", name=key.name if key else None)
        response.set_data(before + line.encode() + after)
        response.vary.add("Cookie")
    return response
