"""What no cache may keep."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from app.customers.schemas import EXAMPLE_ID
from tests.prediction_bodies import REQUIRED

ABOUT_CUSTOMERS = {
    "plain": ("POST", "/predict", {"json": {"features": REQUIRED}}, 200),
    "through Flask": ("POST", "/predict?reasons=1", {"json": {"features": REQUIRED}}, 200),
    "batch": (
        "POST",
        "/predict/batch",
        {"json": {"customers": [{"id": "a", "features": REQUIRED}]}},
        200,
    ),
    "by id": ("GET", f"/customers/{EXAMPLE_ID}/prediction", {}, 200),
    "ranking": ("GET", "/customers/at-risk", {}, 200),
    "unchanged": ("GET", "/customers/at-risk", {"headers": {"If-None-Match": "*"}}, 200),
    "upload": ("GET", "/upload", {}, 200),
    "refused upload": ("POST", "/upload", {}, 422),
    "who is not stored": ("GET", "/customers/nobody/prediction", {}, 404),
    "no such address": ("GET", f"/customers/{EXAMPLE_ID}/nothing", {}, 404),
    "refused values": ("POST", "/predict", {"json": {"features": {"tenure": "secret"}}}, 422),
    "no JSON": ("POST", "/predict", {"data": "{", "content_type": "application/json"}, 400),
    "another method": ("DELETE", "/predict", {}, 405),
    "from elsewhere": ("GET", "/customers/at-risk", {"headers": {"Host": "elsewhere"}}, 401),
}


@pytest.mark.parametrize(
    ("method", "path", "options", "status"), ABOUT_CUSTOMERS.values(), ids=ABOUT_CUSTOMERS
)
def test_what_is_told_of_a_customer_is_not_for_a_cache(
    client: FlaskClient, method: str, path: str, options: dict[str, object], status: int
) -> None:
    """All answers, including errors, which repeat what was sent."""
    answer = client.open(path, method=method, **options)  # type: ignore[arg-type]
    assert answer.status_code == status
    assert answer.headers.getlist("Cache-Control") == ["no-store"]


@pytest.mark.parametrize("path", ["/models", "/runbooks", "/health/live"])
def test_what_is_told_of_nobody_may_be_kept(client: FlaskClient, path: str) -> None:
    assert "no-store" not in client.get(path).headers.get("Cache-Control", "")


@pytest.mark.parametrize("path", ["/runbooks", "/static/handbook.css", "/customers"])
def test_the_server_alone_writes_the_date(client: FlaskClient, path: str) -> None:
    """A conditional answer has one of its own, and a second line would reach the client."""
    assert "Date" not in client.get(path).headers
