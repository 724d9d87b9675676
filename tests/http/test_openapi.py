"""The OpenAPI document is valid, complete, and true."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from flask.testing import FlaskClient
from openapi_spec_validator import validate

from app.http.problems import PROBLEM_TYPES
from tests.operations import operations
from tests.prediction_bodies import CONTRACT
from tests.problems import assert_problem


@pytest.fixture
def document(client: FlaskClient) -> Any:
    return client.get("/openapi.json").get_json()


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


def test_every_field_is_described_with_an_example(document: Any) -> None:
    """A list and a named schema have theirs in what they hold."""
    for name, schema in document["components"]["schemas"].items():
        for field, found in schema.get("properties", {}).items():
            assert found["description"], (name, field)
            inner = found.get("items", found.get("additionalProperties", found))
            held = [found, inner, *found.get("anyOf", [])]  # the last: an object or null
            assert any("$ref" in one or one.get("examples") for one in held), (name, field)


def test_every_feature_says_what_features_yaml_says(document: Any) -> None:
    """Description, unit, example, range or values."""
    features = document["components"]["schemas"]["Features"]
    assert set(features["properties"]) == set(CONTRACT.names)
    assert set(features["required"]) == set(CONTRACT.required)
    for feature in CONTRACT.features:
        schema = features["properties"][feature.name]
        assert schema["description"].startswith(feature.description)
        assert feature.unit is None or feature.unit in schema["description"]
        assert schema["examples"] == [feature.example]
        assert schema.get("minimum") == feature.minimum
        assert schema.get("maximum") == feature.maximum
        values = schema.get("enum") or schema.get("anyOf", [{}])[0].get("enum", [])
        assert tuple(values) == feature.values


def test_every_parameter_is_described(document: Any) -> None:
    for path, _, operation in operations(document):
        for parameter in operation.get("parameters", []) + document["paths"][path].get(
            "parameters", []
        ):
            assert parameter["description"], (path, parameter["name"])
            given = "example" in parameter or "examples" in parameter["schema"]
            assert given or parameter["name"] == "after", "a cursor of yesterday is none of today"


def fitting(path: str, method: str, parameter: str, value: str) -> dict[str, Any]:
    """A valid request, except for one option of its query."""
    body = {"features": CONTRACT.example()}
    return {
        "path": path.replace("{customer_id}", "wa-0010"),
        "method": method,
        "query_string": {parameter: value},
        "json": {
            "/predict": body,
            "/predict/batch": {"customers": [{"id": "a", **body}]},
        }.get(path),
    }


@pytest.mark.parametrize("value", ["", "zzz", "9.9.9", "-1", "é", "x" * 400])
def test_every_option_of_a_query_that_is_wrong_names_itself(
    client: FlaskClient, document: Any, value: str
) -> None:
    """The fault has the value and what to send; 404 is only for unknown paths."""
    tried = set()
    for path, method, operation in operations(document):
        for parameter in operation.get("parameters", []):
            if parameter["in"] != "query":
                continue
            tried.add(parameter["name"])
            request = fitting(path, method, parameter["name"], value)
            problem = assert_problem(client.open(**request), 422, "invalid-input")
            assert problem["detail"] == "1 value in the query cannot be used"
            (error,) = problem["errors"]
            assert (error["parameter"], error["value"]) == (parameter["name"], value[:100])
            assert error["detail"].startswith("Give "), error
    assert tried == {"after", "budget", "limit", "policy", "reasons", "version"}


def test_only_a_path_that_names_something_can_lead_nowhere(document: Any) -> None:
    for path, _, operation in operations(document):
        assert ("404" in operation["responses"]) == ("{" in path), path


def resolved(document: Any, response: Any) -> Any:
    if "$ref" in response:
        return document["components"]["responses"][response["$ref"].rpartition("/")[2]]
    return response


def test_every_answer_documents_its_headers(document: Any) -> None:
    for path, _, operation in operations(document):
        for status, response in operation["responses"].items():
            headers = set(resolved(document, response)["headers"])
            expected = {"X-Request-ID", "Process-Time", "Server-Timing"}
            expected |= {"WWW-Authenticate"} if status == "401" else set()
            expected |= {"Retry-After"} if status in ("429", "503") else set()
            told = path.startswith(("/predict", "/customers")) and status == "200"
            expected |= {"Cache-Control"} if told else set()
            assert headers == expected, (path, status)


def test_every_guarded_operation_names_its_scope_and_its_refusals(document: Any) -> None:
    assert set(document["components"]["securitySchemes"]) == {"bearer", "basic"}
    for path, _, operation in operations(document):
        if path.startswith("/health"):
            assert operation["security"] == []
        else:
            assert operation["security"], path
            assert {"401", "403", "429"} <= set(operation["responses"]), path


def test_the_examples_of_problems_are_problems(document: Any) -> None:
    schema = {"$ref": "#/components/schemas/ProblemDetails", **document}
    shown = set()
    for response in document["components"]["responses"].values():
        for slug, example in response["content"]["application/problem+json"]["examples"].items():
            jsonschema.validate(example["value"], schema)
            shown.add(slug)
    assert shown == set(PROBLEM_TYPES) - {"method-not-allowed", "internal-error"}


def test_every_example_works(client: FlaskClient, document: Any) -> None:
    for path, method, operation in operations(document):
        if "requestBody" in operation:
            example = operation["requestBody"]["content"]["application/json"]["example"]
            response = client.open(path, method=method.upper(), json=example)
            assert response.status_code == 200, response.text
