"""Generated calls, valid and not, held against the OpenAPI document with every check there is."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from app.diagnostics import checks

EXAMPLES = settings(max_examples=300, suppress_health_check=list(HealthCheck))
"""300 calls of each operation."""


@pytest.fixture(autouse=True)
def short_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rates are taken over a second, which is long some hundred times."""
    monkeypatch.setattr(checks, "SAMPLE", 0.001)
