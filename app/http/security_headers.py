"""Security headers of every answer."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, request

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
"""No inline script or style, nothing from elsewhere. /docs and /redoc need inline styles."""


NO_SNIFF = ("X-Content-Type-Options", "nosniff")

NO_STORE = ("Cache-Control", "no-store")

_ABOUT_CUSTOMERS = ("/predict", "/customers")
"""What paths begin with whose answers, errors too, no cache on the way may keep."""


def about_customers(path: str) -> bool:
    """Whether answers at a path tell something of a customer."""
    return path.startswith(_ABOUT_CUSTOMERS)


def init_app(app: Flask) -> None:
    """Set the headers on each answer that does not set its own; redirects lead within the site."""

    @app.after_request
    def secure(response: Response) -> Response:
        headers = response.headers
        headers[NO_SNIFF[0]] = NO_SNIFF[1]
        if about_customers(request.path):
            headers[NO_STORE[0]] = NO_STORE[1]
        if response.mimetype == "text/html":
            headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
            headers["Referrer-Policy"] = "same-origin"
        if response.location:
            # Werkzeug writes scheme and host as received here, which behind a proxy are others.
            response.location = urlsplit(response.location)._replace(scheme="", netloc="").geturl()
        return response
