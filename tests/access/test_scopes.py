"""Every view declares who may call it."""

from __future__ import annotations

import functools
from typing import Any

import pytest
from flask import Flask

from app import create_app, handbook
from app.access import any_key, public, scope
from app.access.scopes import ANY, SCOPES, ScopeError, scopes_of
from tests.access.conftest import routes
from tests.apps import bearer
from tests.problems import assert_problem


def test_a_route_without_a_scope_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing declaration stops the start and names the route."""

    init_app = handbook.init_app

    def plant(app: Flask, *given: Any, **named: Any) -> None:
        init_app(app, *given, **named)
        app.add_url_rule("/planted", "planted", lambda: "open")

    monkeypatch.setattr(handbook, "init_app", plant)
    with pytest.raises(ScopeError, match=r"/planted \(planted\)"):
        create_app()


def test_a_route_added_later_is_no_open_door(keyed: Flask, keys: dict[str, str]) -> None:
    keyed.add_url_rule("/late", "late", lambda: "open")
    answer = keyed.test_client().get("/late", headers=bearer(keys["operate"]))
    assert answer.status_code == 500
    assert "open" not in answer.text


@pytest.mark.parametrize("names", [(), ("predictions",), ("predict", "")])
def test_a_misspelt_scope_is_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="scopes are predict, handbook, operate"):
        scope(*names)


def test_a_declaration_survives_decorators() -> None:
    @scope("predict")
    def view() -> str:
        return ""

    @functools.wraps(view)
    def wrapped() -> Any:
        return view()

    assert scopes_of(wrapped) == {"predict"}
    assert scopes_of(any_key(lambda: "")) == ANY
    assert scopes_of(public(lambda: "")) == frozenset()


def test_only_probes_and_the_entrance_are_public(app: Flask, keyed: Flask) -> None:
    """Where there are no keys, there is no entrance either."""
    probes = {"/health/live", "/health/ready"}
    assert {path for _, path, scopes in routes(app) if not scopes} == probes
    open_paths = {path for _, path, scopes in routes(keyed) if not scopes}
    styles = {path for path in open_paths if "/static/" in path}
    assert open_paths == probes | styles | {"/sign-in", "/sign-out"}


@pytest.mark.parametrize("held", SCOPES)
def test_a_key_opens_what_its_scope_is_for_and_nothing_else(
    keyed: Flask, keys: dict[str, str], held: str
) -> None:
    client = keyed.test_client()
    for method, path, scopes in routes(keyed):
        answer = client.open(path, method=method, headers=bearer(keys[held]))
        if scopes and held not in scopes:
            assert answer.status_code == 403, (method, path)
        else:
            assert answer.status_code not in (401, 403), (method, path)


def test_without_a_key_nothing_but_probes_answers(keyed: Flask) -> None:
    client = keyed.test_client()
    for method, path, scopes in routes(keyed):
        refused = client.open(path, method=method).status_code == 401
        assert refused == bool(scopes), (method, path)


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/nothing-here"), ("GET", "/predict"), ("GET", "/models/")]
)
def test_without_a_key_nobody_learns_what_exists(keyed: Flask, method: str, path: str) -> None:
    answer = keyed.test_client().open(path, method=method)
    assert_problem(answer, 401, "unauthorized")


def test_a_refusal_names_the_scope(keyed: Flask, keys: dict[str, str]) -> None:
    answer = keyed.test_client().post("/predict", json={}, headers=bearer(keys["operate"]))
    problem = assert_problem(answer, 403, "forbidden")
    assert "predict" in problem["detail"]
    assert "operate" in problem["detail"]
