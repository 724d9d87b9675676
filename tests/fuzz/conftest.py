"""Generated calls, valid and not, checked against the OpenAPI document with all checks."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

import pytest
import schemathesis
from _pytest.nodeid import coerce_node_id
from flask import Flask, Response
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from app.customers.ranking_cursor import cursor
from app.diagnostics import processes
from tests.operations import operations
from tools.servers import ROOT

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


# Only the running service knows valid values of these; it refuses others. Older releases than 1.2.0
# lack a policy, which tests/predictions/test_missing_policy.py is about.
schemathesis.openapi.format("loaded-release", st.just("1.2.0"))
schemathesis.openapi.format(
    "cursor",
    st.builds(
        cursor,
        st.text("0123456789abcdef", min_size=16, max_size=16),
        st.floats(allow_nan=False, allow_infinity=False),
        st.from_regex(r"\A[a-z0-9-]{1,20}\Z"),
    ),
)


class LateApplication:
    """The committed document while tests are collected; then the application of a fixture."""

    def __init__(self, *, keys: bool) -> None:
        self.document = json.loads((ROOT / "openapi.json").read_text("utf-8"))
        if keys:  # the empty alternative is for local callers of a service without
            for _, _, operation in operations(self.document):
                operation["security"] = [one for one in operation["security"] if one]
        self._app: Flask | None = None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if self._app is None:
            answer = Response(json.dumps(self.document), content_type="application/json")
            return answer(environ, start_response)
        environ.pop("HTTP_ACCEPT_ENCODING", None)  # called like this, nobody unpacks the answer
        return self._app(environ, start_response)

    def become(self, app: Flask, **headers: str) -> None:
        """Return the application, whose document is the one from which the tests were generated."""
        assert app.test_client().get("/openapi.json", headers=headers).get_json() == self.document
        self._app = app


EXAMPLES = settings(max_examples=100, suppress_health_check=list(HealthCheck))
"""100 calls of each operation."""


def pytest_itemcollected(item: pytest.Item) -> None:
    """An id for each operation: tests that share one would be run as one by several workers."""
    item._id = coerce_node_id(f"{item.nodeid}[{item.name.partition('[')[2]}")


@pytest.fixture(autouse=True)
def short_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rates are taken over a second, which is long some hundred times."""
    monkeypatch.setattr(processes, "SAMPLE_SECONDS", 0.001)
