"""The examples of the OpenAPI document work on a running server."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import quote

from jsonschema import Draft202012Validator

from tools.servers import Server


def test_every_operation_s_example_works_on_a_running_server(server: Server) -> None:
    """The examples of the OpenAPI document are answered as it says."""
    document = call(f"{server.url}/openapi.json")[1]
    for path, methods in document["paths"].items():
        shared = methods.get("parameters", [])
        for method in ("get", "post"):
            if method not in methods:
                continue
            operation = methods[method]
            url = server.url + filled(path, [*shared, *operation.get("parameters", [])])
            status, answer = call(url, body(operation))
            assert status == 200, (url, answer)
            content = operation["responses"]["200"]["content"].get("application/json")
            if content is None:  # the metrics are text
                continue
            schema = {**content["schema"], "components": document["components"]}
            Draft202012Validator(schema).validate(answer)
            for shown in responses(content):
                assert answer == shown, url


def body(operation: dict[str, Any]) -> Any:
    content = operation.get("requestBody", {}).get("content", {})
    return content["application/json"]["example"] if content else None


def responses(content: dict[str, Any]) -> list[Any]:
    named = [example["value"] for example in content.get("examples", {}).values()]
    return [*named, *([content["example"]] if "example" in content else [])]


def filled(path: str, parameters: list[dict[str, Any]]) -> str:
    """The path with the examples of its parameters in their places."""
    for parameter in parameters:
        if parameter["in"] == "path":
            examples_ = [parameter.get("example"), *parameter["schema"].get("examples", [])]
            value = next((example for example in examples_ if example is not None), None)
            if value is None:
                value = {"version": "1.0.0", "name": "model"}[parameter["name"]]
            path = path.replace(f"{{{parameter['name']}}}", quote(str(value)))
    return path


def call(url: str, json_body: Any = None) -> tuple[int, Any]:
    """Return status and answer, with JSON parsed."""
    data = None if json_body is None else json.dumps(json_body).encode()
    request = urllib.request.Request(
        url, data, {"Content-Type": "application/json"} if data else {}
    )
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            text = answer.read()
            is_json = answer.headers.get_content_type() == "application/json"
            return answer.status, json.loads(text) if is_json else text
    except urllib.error.HTTPError as error:
        return error.code, error.read()
