"""Security headers of every answer."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, request

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
"""Forbids inline scripts and styles, and other sites; /docs and /redoc need inline styles."""


NO_SNIFF = ("X-Content-Type-Options", "nosniff")

NO_STORE = ("Cache-Control", "no-store")

_ABOUT_CUSTOMERS = ("/predict", "/customers", "/upload")
"""Beginnings of paths whose answers, including errors, no cache may store."""


def about_customers(path: str) -> bool:
    """Whether answers at a path are about customers."""
    return path.startswith(_ABOUT_CUSTOMERS)


def headers_of(path: str) -> tuple[tuple[str, str], ...]:
    """Return the headers of every answer at a path."""
    return (NO_SNIFF, NO_STORE) if about_customers(path) else (NO_SNIFF,)


def init_app(app: Flask) -> None:
    """Add the headers to each answer without its own; keep redirects within the site."""

    @app.after_request
    def secure(response: Response) -> Response:
        headers = response.headers
        headers.pop("Date", None)  # the server writes it; Werkzeug does in conditional answers
        # Scripts and styles of pages about customers are about nobody.
        path = "" if (request.endpoint or "").endswith(".static") else request.path
        for name, value in headers_of(path):
            headers[name] = value
        if response.mimetype == "text/html":
            headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
            headers["Referrer-Policy"] = "same-origin"
        if response.location:
            # Werkzeug writes the scheme and host received here, which differ behind a proxy.
            response.location = urlsplit(response.location)._replace(scheme="", netloc="").geturl()
        return response
