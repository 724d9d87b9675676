"""Generated calls of a service without keys, as on a laptop."""

from __future__ import annotations

import pytest
import schemathesis
from flask import Flask
from hypothesis import settings
from schemathesis import Case

from tests.fuzz.conftest import EXAMPLES, LateApplication

service = LateApplication(keys=False)
schema = schemathesis.openapi.from_wsgi("/openapi.json", service)


@pytest.fixture(scope="module", autouse=True)
def started(app: Flask) -> None:
    service.become(app)


@schema.include(path="/predict").parametrize()
@settings(EXAMPLES, max_examples=500)
def test_predict_answers_as_documented(case: Case) -> None:
    """500 calls of the operation that most callers use."""
    case.call_and_validate()


@schema.exclude(path="/predict").parametrize()
@EXAMPLES
def test_no_answer_is_one_that_the_document_does_not_allow(case: Case) -> None:
    case.call_and_validate()
