"""The OpenAPI document is valid, complete, and true."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from openapi_spec_validator import validate


@pytest.fixture
def document(client: FlaskClient) -> Any:
    return client.get("/openapi.json").get_json()


def operations(document: Any) -> list[tuple[str, str, Any]]:
    return [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method != "parameters"
    ]


def test_it_is_valid_openapi_3_1(document: Any) -> None:
    assert document["openapi"].startswith("3.1")
    validate(document)


def test_every_operation_says_what_it_is(document: Any) -> None:
    """operationId, summary, tag; and an example where there is a body."""
    ids = []
    for path, method, operation in operations(document):
        ids.append(operation["operationId"])
        assert operation["summary"], path
        assert operation["tags"], path
        if "requestBody" in operation:
            content = operation["requestBody"]["content"]["application/json"]
            assert "example" in content or "examples" in content, (method, path)
    assert len(ids) == len(set(ids))


def test_every_feature_is_described_with_an_example(document: Any) -> None:
    for name, schema in document["components"]["schemas"]["Features"]["properties"].items():
        assert schema["description"], name
        assert schema["examples"], name


def test_every_example_works(client: FlaskClient, document: Any) -> None:
    for path, method, operation in operations(document):
        if "requestBody" in operation:
            example = operation["requestBody"]["content"]["application/json"]["example"]
            response = client.open(path, method=method.upper(), json=example)
            assert response.status_code == 200, response.text
