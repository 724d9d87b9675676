"""Knows which paths this service answers."""

from __future__ import annotations

from flask import current_app
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import RequestRedirect


def serves(path: str) -> bool:
    """Whether the service answers GET at a path, of a document or another page."""
    try:
        current_app.url_map.bind("localhost").match(path, method="GET")
    except (RequestRedirect, MethodNotAllowed):
        return True
    except HTTPException:
        return False
    return True


def shows(path: str) -> bool:
    """Whether GET at a path has a view of its own, and is no redirect."""
    try:
        current_app.url_map.bind("localhost").match(path, method="GET")
    except HTTPException:
        return False
    return True
