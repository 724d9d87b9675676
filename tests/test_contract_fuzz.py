"""Generated calls, valid and not, held against the OpenAPI document with every check there is."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, settings
from schemathesis import Case

from app import create_app
from app.access import keyfile
from app.access.scopes import SCOPES
from app.config import Settings
from app.diagnostics import checks
from tests.access.conftest import bearer
from tests.apps import sample_app

EXAMPLES = settings(max_examples=300, suppress_health_check=list(HealthCheck))

_folder = tempfile.TemporaryDirectory(prefix="churn-fuzz-")
_KEY = keyfile.add(Path(_folder.name) / "keys.yaml", "client", SCOPES)


def keyed_app() -> Flask:
    """The application with keys, over the same customers."""
    sample_app()
    keys = Path(_folder.name) / "keys.yaml"
    return create_app(dataclasses.replace(Settings.from_environment(), api_keys_file=keys))


local = schemathesis.openapi.from_wsgi("/openapi.json", sample_app())
keyed = schemathesis.openapi.from_wsgi("/openapi.json", keyed_app(), headers=bearer(_KEY))


@pytest.fixture(scope="module", autouse=True)
def folder() -> Iterator[None]:
    with _folder:
        yield


@pytest.fixture(autouse=True)
def short_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rates are taken over a second, which is long some hundred times."""
    monkeypatch.setattr(checks, "SAMPLE", 0.001)


@local.parametrize()
@EXAMPLES
def test_without_keys(case: Case) -> None:
    """300 generated calls of each operation: no answer that the document doesn't allow."""
    case.call_and_validate()


@keyed.parametrize()
@EXAMPLES
def test_with_a_key(case: Case) -> None:
    """The same with a key, and, as one of the checks, without it or with a wrong one."""
    case.call_and_validate(headers=bearer(_KEY))
