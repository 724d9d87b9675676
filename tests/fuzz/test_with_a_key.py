"""Generated calls of a service with keys."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from flask import Flask
from schemathesis import Case

from app import create_app
from app.access import key_file
from app.access.scopes import SCOPES
from app.config import Settings
from tests.apps import bearer, sample_app
from tests.fuzz.conftest import EXAMPLES

_folder = tempfile.TemporaryDirectory(prefix="churn-fuzz-")
_KEY = key_file.add(Path(_folder.name) / "keys.yaml", "client", SCOPES)


def keyed_app() -> Flask:
    """The application with keys, over the same customers."""
    sample_app()
    keys = Path(_folder.name) / "keys.yaml"
    return create_app(dataclasses.replace(Settings.from_environment(), api_keys_file=keys))


schema = schemathesis.openapi.from_wsgi("/openapi.json", keyed_app(), headers=bearer(_KEY))


@pytest.fixture(scope="module", autouse=True)
def folder() -> Iterator[None]:
    with _folder:
        yield


@schema.parametrize()
@EXAMPLES
def test_no_answer_is_one_that_the_document_does_not_allow(case: Case) -> None:
    """With the key, and, as one of the checks, without it or with a wrong one."""
    case.call_and_validate(headers=bearer(_KEY))
