"""Generated calls, valid and not, held against the OpenAPI document with every check there is."""

from __future__ import annotations

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case

from tests.apps import sample_app

schema = schemathesis.openapi.from_wsgi("/openapi.json", sample_app())


@schema.include(path="/predict").parametrize()
@settings(max_examples=1000, suppress_health_check=list(HealthCheck))
def test_predict(case: Case) -> None:
    """1,000 generated calls of /predict: no answer that the document doesn't allow."""
    case.call_and_validate()


@schema.exclude(path="/predict").parametrize()
@settings(max_examples=300, suppress_health_check=list(HealthCheck))
def test_other_operations(case: Case) -> None:
    """The same for every other operation."""
    case.call_and_validate()
