"""Tells what the caller of a request may see."""

from __future__ import annotations

from flask import request
from werkzeug.exceptions import HTTPException

from app.services import services


def allowed(scope: str) -> bool:
    """Whether the caller may call what needs this scope."""
    try:
        services().guard.caller(request.environ, frozenset({scope}))
    except HTTPException:
        return False
    return True
