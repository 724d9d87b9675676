"""The commands that documents show do run, and print what is shown; the API's examples too.

Each runs in a copy of the checkout, against a service of the tests.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from jsonschema import Draft202012Validator

from app.handbook.documents import command_blocks
from app.handbook.documents.command_blocks import CommandBlock
from app.handbook.documents.document_text import DocumentText
from app.handbook.documents.source import decode
from tools.servers import ROOT, Server, fetch, gunicorn

DOCUMENTS = [
    path
    for pattern in ("README.md", "CONTRIBUTING.md", "guides/*.md", "runbooks/*.md")
    for path in sorted(ROOT.glob(pattern))
]
ADDRESS = "http://127.0.0.1:8000"
"""The service's address in documents; the tests replace it."""

LEFT_OUT = (".git", ".venv", ".*_cache", "__pycache__", "instance", "*.sqlite3*", "node_modules")


def found(path: Path) -> list[CommandBlock]:
    source = decode(path.read_bytes())
    return command_blocks.find(DocumentText(source))


RUNNABLE = [
    pytest.param(example, id=f"{path.relative_to(ROOT)}:{example.line}")
    for path in DOCUMENTS
    for example in found(path)
    if example.runs
]


@dataclass(frozen=True)
class Checkout:
    """A copy of the checkout, and the address of the service."""

    folder: Path
    url: str
    environ: dict[str, str]

    def run(self, commands: str) -> subprocess.CompletedProcess[str]:
        """Run commands like a reader's shell that has followed the document."""
        return subprocess.run(
            ["bash", "-eo", "pipefail", "-c", commands.replace(ADDRESS, self.url)],
            cwd=self.folder,
            env={
                **os.environ,
                **self.environ,
                "API": self.url,
                "PATH": self.path,
                "COLUMNS": "100",
            },
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    @property
    def path(self) -> str:
        return f"{self.folder}/.venv/bin{os.pathsep}{os.environ['PATH']}"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A committed copy of the checkout, with a `.venv` whose programs belong to the copy."""
    folder = tmp_path_factory.mktemp("checkout") / "churn"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*LEFT_OUT))
    programs = folder / ".venv" / "bin"
    programs.mkdir(parents=True)
    script(programs / "python", f'exec {sys.executable} "$@"')
    own = 'cd "$(dirname "$0")/../.."'
    script(programs / "churn", f'{own} && exec {sys.executable} -m app.cli.main "$@"')
    (programs / "activate").write_text('PATH="$PWD/.venv/bin:$PATH"\n')
    who = ("-c", "user.name=Service team", "-c", "user.email=service@example.org")
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "The checkout"]):
        subprocess.run(["git", *who, *command], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def environ(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A database of their own: some load customers."""
    return {"DATABASE_URL": f"sqlite:///{tmp_path_factory.mktemp('customers')}/churn.sqlite3"}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, environ: dict[str, str]) -> Iterator[str]:
    with gunicorn(tmp_path_factory.mktemp("log"), **environ) as server:
        fetch(f"{server.url}/models")  # without requests, the service has no figures
        yield server.url


@pytest.fixture
def checkout(template: Path, url: str, environ: dict[str, str], tmp_path: Path) -> Checkout:
    shutil.copytree(template, tmp_path / "churn")
    return Checkout(tmp_path / "churn", url, environ)


def script(file: Path, command: str) -> None:
    file.write_text(f"#!/bin/sh\n{command}\n")
    file.chmod(0o755)


@pytest.mark.parametrize("example", RUNNABLE)
def test_commands_run_and_print_what_is_shown(checkout: Checkout, example: CommandBlock) -> None:
    done = checkout.run(example.commands)
    assert done.returncode == 0, done.stdout + done.stderr
    if example.output is not None:
        printed = done.stdout.replace(checkout.url, ADDRESS)
        shown = example.output
        assert command_blocks.is_as_shown(printed, shown, example.output_language), printed


@pytest.mark.parametrize(
    ("commands", "status"),
    [("true", 0), ("false\ntrue", 1), ("false | true", 1), ("nonesuch", 127)],
    ids=["good", "first-line", "in-a-pipe", "missing"],
)
def test_a_command_that_fails_is_noticed(checkout: Checkout, commands: str, status: int) -> None:
    assert checkout.run(commands).returncode == status


def test_something_is_run() -> None:
    """In guides and runbooks alike."""
    ids = {str(parameter.id).partition("/")[0] for parameter in RUNNABLE}
    assert ids >= {"guides", "runbooks"}


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
