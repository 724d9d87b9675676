"""Sessions of browsers: Flask's signed cookie, which names a key and holds none."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask, request, session
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadData
from werkzeug.http import parse_cookie

from app.access.key_file import Key

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

COOKIE = "churn_session"

LIFETIME = timedelta(hours=12)
"""A working day; then the reader signs in again."""

DIGITS = 12
"""Hexadecimal digits of the key's digest in the cookie: another key of the same name differs."""


class KeyCookie(SecureCookieSessionInterface):
    """Flask's cookie, with a signature of its own and `Secure` where the browser came over TLS.

    Args:
        proxies: number of proxies in front; behind one, `X-Forwarded-Proto` counts, too.
    """

    salt = COOKIE  # another application with the same secret can't sign ours
    digest_method = staticmethod(hashlib.sha256)

    def __init__(self, proxies: int) -> None:
        self._proxies = proxies

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002 - Flask's signature
        """Whether the browser came over TLS, as it says in `Origin` or a proxy does."""
        schemes = {request.scheme, urlsplit(request.headers.get("Origin", "")).scheme}
        if self._proxies:
            schemes |= {s.strip() for s in request.headers.get("X-Forwarded-Proto", "").split(",")}
        return "https" in schemes


class Sessions:
    """Begins, reads and ends sessions. The server stores nothing, so any process can read them.

    Args:
        app: gets the cookie's settings.
        secret: signs the cookies; empty: one is made, which all workers share, because they are
            forked later. Sessions then end with a restart.
        path: below which browsers send the cookie.
        proxies: number of proxies in front.
    """

    def __init__(self, app: Flask, secret: str, path: str, proxies: int) -> None:
        app.secret_key = secret or secrets.token_hex(32)
        app.config["SESSION_COOKIE_NAME"] = COOKIE
        app.config["SESSION_COOKIE_PATH"] = path or "/"
        app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
        app.config["PERMANENT_SESSION_LIFETIME"] = LIFETIME
        app.config["SESSION_REFRESH_EACH_REQUEST"] = False
        app.session_interface = interface = KeyCookie(proxies)
        self._signer = interface.get_signing_serializer(app)

    def begin(self, key: Key) -> None:
        """Give the browser that sent this request a cookie; nothing of an earlier one stays."""
        session.clear()
        session["name"], session["digest"] = holder(key)
        session.permanent = True

    def end(self) -> None:
        """Take the cookie from the browser that sent this request."""
        session.clear()

    def holder(self, environ: WSGIEnvironment) -> tuple[str, str] | None:
        """Return the key's name and beginning of its digest, if a request has a valid cookie."""
        cookie = parse_cookie(environ).get(COOKIE)
        if not cookie or self._signer is None:
            return None
        try:
            found = self._signer.loads(cookie, max_age=int(LIFETIME.total_seconds()))
        except BadData:  # another signature, or older than it may be
            return None
        return found["name"], found["digest"]


def holder(key: Key) -> tuple[str, str]:
    """Return what a cookie says of a key."""
    return key.name, key.digest.hex()[:DIGITS]
