"""Generated calls of a service without keys, as on a laptop."""

from __future__ import annotations

import schemathesis
from schemathesis import Case

from tests.apps import sample_app
from tests.fuzz.conftest import EXAMPLES

schema = schemathesis.openapi.from_wsgi("/openapi.json", sample_app())


@schema.parametrize()
@EXAMPLES
def test_no_answer_is_one_that_the_document_does_not_allow(case: Case) -> None:
    case.call_and_validate()
