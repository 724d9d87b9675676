"""Generated calls, valid and not, held against the OpenAPI document with every check there is."""

from __future__ import annotations

import pytest
from _pytest.nodeid import coerce_node_id
from hypothesis import HealthCheck, settings

from app.diagnostics import processes

EXAMPLES = settings(max_examples=300, suppress_health_check=list(HealthCheck))
"""300 calls of each operation."""


def pytest_itemcollected(item: pytest.Item) -> None:
    """An id for each operation: tests that share one would be run as one by several workers."""
    item._id = coerce_node_id(f"{item.nodeid}[{item.name.partition('[')[2]}")


@pytest.fixture(autouse=True)
def short_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rates are taken over a second, which is long some hundred times."""
    monkeypatch.setattr(processes, "SAMPLE_SECONDS", 0.001)
