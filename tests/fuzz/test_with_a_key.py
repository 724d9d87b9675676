"""Generated calls of a service with keys."""

from __future__ import annotations

import pytest
import schemathesis
from flask import Flask
from schemathesis import Case

from app.access import key_file
from app.access.scopes import SCOPES
from tests.apps import bearer, make_app
from tests.fuzz.conftest import EXAMPLES, LateApplication

service = LateApplication(keys=True)
schema = schemathesis.openapi.from_wsgi("/openapi.json", service)


@pytest.fixture(scope="module", autouse=True)
def key(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A key of an application over the customers that `app` has stored."""
    file = tmp_path_factory.mktemp("keys") / "keys.yaml"
    made = key_file.add(file, "client", SCOPES)
    service.become(make_app(api_keys_file=file), **bearer(made))
    return made


@schema.parametrize()
@EXAMPLES
def test_no_answer_is_one_that_the_document_does_not_allow(case: Case, key: str) -> None:
    """With the key, and, as one of the checks, without it or with a wrong one.

    100 calls of each operation: what they say otherwise is the same without keys.
    """
    case.call_and_validate(headers=bearer(key))
