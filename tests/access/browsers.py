"""A client that behaves as a browser does, for tests of sessions."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.access.sessions import COOKIE

PAGE = {"Accept": "text/html"}
"""What a browser sends for a page."""

OURS = {"Sec-Fetch-Site": "same-origin"}
"""What a browser sends with a request of one of our pages."""


def sign_in(app: Flask, key: str, target: str = "", **options: Any) -> tuple[FlaskClient, str]:
    """Sign in; return the client, with its cookie, and the value of that cookie."""
    client = app.test_client()
    answer = client.post("/sign-in", data={"key": key, "next": target}, headers=OURS, **options)
    assert answer.status_code == 303, answer.text
    return client, cookie_of(answer)


def cookie_of(answer: TestResponse) -> str:
    """The session that an answer sets."""
    (line,) = answer.headers.getlist("Set-Cookie")
    name, _, value = line.partition(";")[0].partition("=")
    assert name == COOKIE
    return value


def status_with(app: Flask, cookie: str, path: str = "/models") -> int:
    """The status that a cookie gets."""
    headers = {"Cookie": f"{COOKIE}={cookie}"}
    return app.test_client(use_cookies=False).get(path, headers=headers).status_code
