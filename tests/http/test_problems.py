"""Every type of problem: its page, and the example that it gives."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from app.access import key_file
from app.application import MAX_BODY
from app.customers.ranking_cursor import cursor
from app.http.problems import PROBLEM_TYPES
from app.http.validation_faults import MAX_FAULTS
from app.services import services_of
from tests.apps import bearer, make_app
from tests.prediction_bodies import CONTRACT
from tests.problems import assert_problem


def variant(**settings: Any) -> FlaskClient:
    """A client of an application with other settings, and the caller's own key."""
    return make_app(**settings).test_client()


def predict(client: FlaskClient, body: str | bytes, kind: str = "application/json") -> Any:
    return client.post("/predict", data=body, content_type=kind)


def forbidden(_: FlaskClient, folder: Path) -> Any:
    file = folder / "keys.yaml"
    key = key_file.add(file, "client", ("predict",))
    return variant(api_keys_file=file).get("/handbook.json", headers=bearer(key))


def unauthorized(_: FlaskClient, folder: Path) -> Any:
    (folder / "keys.yaml").write_text("[]")
    return variant(api_keys_file=folder / "keys.yaml").get("/models")


def rate_limited(_: FlaskClient, __: Path) -> Any:
    client = variant(rate_limit="100/second")
    answers = (client.get("/models") for _ in range(100_000))  # a slow machine needs more seconds
    return next(answer for answer in answers if answer.status_code == 429)


def invalid(client: FlaskClient, _: Path) -> Any:
    features = {"tenure": "12", "contract": "Weekly", "monthly_charges": 65.5}
    return predict(client, json.dumps({"features": features}))


EXAMPLES: dict[str, Callable[[FlaskClient, Path], Any]] = {
    "malformed-json": lambda c, _: predict(c, '{"features": {"tenure": 12, "tenure": 13}}'),
    "unauthorized": unauthorized,
    "forbidden": forbidden,
    "cross-site": lambda c, _: c.post(
        "/predict", content_type="text/plain", headers={"Sec-Fetch-Site": "cross-site"}
    ),
    "not-found": lambda c, _: c.get("/modles"),
    "customer-not-found": lambda c, _: c.get("/customers/nobody/prediction"),
    "method-not-allowed": lambda c, _: c.get("/predict/batch"),
    "ranking-changed": lambda c, _: c.get(f"/customers/at-risk?after={cursor('0', 0.5, 'c-1')}"),
    "too-large": lambda c, _: predict(c, b" " * (MAX_BODY + 1)),
    "unsupported-media-type": lambda c, _: predict(c, "{}", "text/plain"),
    "invalid-input": invalid,
    "rate-limited": rate_limited,
    "not-ready": lambda _, folder: variant(model_dir=folder).post(
        "/predict", json={"features": {"tenure": 1, "contract": "One year", "monthly_charges": 1}}
    ),
}

ELSEWHERE = {
    "customer-outdated",  # tests/customers/test_routes.py
    "economics-missing",  # tests/customers/test_budget.py
    "budget-uncounted",  # the same
    "database-unavailable",  # tests/customers/test_database_away.py
    "overloaded",  # tests/serving/test_connections.py
    "internal-error",  # test_a_fault_of_ours_tells_nothing
    "bad-request",  # for what the framework cannot read
}


@pytest.mark.parametrize("slug", EXAMPLES)
def test_the_example_is_answered_as_its_page_says(
    client: FlaskClient, tmp_path: Path, slug: str
) -> None:
    response = EXAMPLES[slug](client, tmp_path)
    body = assert_problem(response, PROBLEM_TYPES[slug].status, slug)
    assert body == PROBLEM_TYPES[slug].answer(body["instance"])


def test_every_type_has_an_example_that_is_tried() -> None:
    assert set(EXAMPLES) | ELSEWHERE == set(PROBLEM_TYPES)


@pytest.mark.parametrize("slug", PROBLEM_TYPES)
def test_every_type_has_a_page_with_meaning_example_and_remedy(
    client: FlaskClient, slug: str
) -> None:
    kind = PROBLEM_TYPES[slug]
    page = client.get(f"/problems/{slug}", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert kind.title in page.text
    assert f'href="/problems/{slug}"' in client.get("/problems").text
    for words in (kind.meaning, kind.example, kind.remedy):
        assert len(words) > 10


@pytest.mark.parametrize("path", ["/health/live", "/models", "/", "/nothing"])
@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_a_host_that_names_nothing_is_a_bad_request(
    client: FlaskClient, path: str, accept: str
) -> None:
    response = client.get(path, headers={"Host": "a..localhost", "Accept": accept})
    assert_problem(response, 400, "bad-request")


@pytest.mark.parametrize(
    ("accept", "page"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),
        ("text/html, application/json", True),
        ("application/json, text/html", False),
        ("application/json, text/plain, */*", False),
        ("text/html;q=0.5, application/json", False),
        ("text/html;q=0.5, */*", False),
        ("*/*", False),
        ("", False),
    ],
)
def test_a_page_is_for_who_would_rather_have_one(
    client: FlaskClient, accept: str, page: bool
) -> None:
    response = client.get("/nothing", headers={"Accept": accept})
    assert response.mimetype == ("text/html" if page else "application/problem+json")


def test_an_error_without_a_type_of_its_own_has_one(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise RequestedRangeNotSatisfiable

    monkeypatch.setitem(app.view_functions, "models.index", fails)
    assert_problem(client.get("/models"), 416, "bad-request")


def test_of_many_wrong_names_some_are_listed(client: FlaskClient) -> None:
    names = {f"x{i}": 1 for i in range(2000)}
    problem = assert_problem(
        client.post("/predict", json={"features": names}), 422, "invalid-input"
    )
    assert len(problem["errors"]) == MAX_FAULTS
    assert problem["error_count"] == 2000 + len(CONTRACT.required)


def test_a_fault_of_ours_tells_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """No message, path or stack; the request id finds them in the log."""

    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret-of-ours")

    monkeypatch.setitem(app.view_functions, "models.index", fails)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    response = app.test_client().get("/models")
    body = assert_problem(response, 500, "internal-error")
    assert body == PROBLEM_TYPES["internal-error"].answer(body["instance"])
    assert "secret-of-ours" not in response.text


def test_a_page_about_an_error_needs_no_document(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor do the pages of the API: they open however the documents are."""

    def refuse() -> NoReturn:
        raise AssertionError("a document was asked for")

    monkeypatch.setattr(services_of(app), "library", refuse)
    for path in ("/problems", "/problems/not-found", "/docs", "/redoc"):
        assert client.get(path).status_code == 200, path
