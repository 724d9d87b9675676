"""The one assertion that every test of an error uses."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from app.http.problems import PROBLEM_TYPES


def assert_problem(response: TestResponse, status: int, slug: str) -> dict[str, Any]:
    """Assert that an answer is this problem, whole, and return its body."""
    body = response.get_json()
    assert response.status_code == status, body
    assert response.mimetype == "application/problem+json"
    assert body["type"] == f"/problems/{slug}"
    assert body["title"] == PROBLEM_TYPES[slug].title
    assert body["status"] == status
    assert body["detail"]
    assert body["instance"] == response.headers["X-Request-ID"]
    for error in body.get("errors", []):
        assert error["detail"]
        assert "pointer" in error or "parameter" in error
    return body
