"""The OpenAPI document says which key each operation needs."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from openapi_spec_validator import validate

from app.services import services_of
from tests.apps import bearer
from tests.operations import operations


@pytest.fixture
def document(keyed: Flask, keys: dict[str, str]) -> Any:
    return keyed.test_client().get("/openapi.json", headers=bearer(keys["predict"])).get_json()


def test_it_is_valid(document: Any) -> None:
    validate(document)
    assert set(document["components"]["securitySchemes"]) == {"bearer", "basic"}


def test_every_operation_says_which_key_it_asks_for(keyed: Flask, document: Any) -> None:
    """It documents refusals; probes need no key and have none."""
    scopes_of = services_of(keyed).guard.scopes
    endpoints = {
        rule.rule.replace("<", "{").replace(">", "}"): rule.endpoint
        for rule in keyed.url_map.iter_rules()
    }
    for path, _, operation in operations(document):
        scopes = scopes_of[endpoints[path]]
        named = {
            scope for way in operation["security"] for roles in way.values() for scope in roles
        }
        assert named == scopes, path
        refusals = {"401", "403", "429"}
        assert refusals & operation["responses"].keys() == (refusals if scopes else set()), path


def test_no_key_at_all_is_documented_only_where_none_is_needed(app: Flask, document: Any) -> None:
    """Without keys a local caller needs none; with keys everyone needs one."""
    local = app.test_client().get("/openapi.json").get_json()
    assert {} in local["paths"]["/predict"]["post"]["security"]
    assert {} not in document["paths"]["/predict"]["post"]["security"]
