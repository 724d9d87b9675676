"""The fault of each cause of each runbook that names an alert."""

from __future__ import annotations

from drills.faults import (
    cache_faults,
    database_faults,
    document_faults,
    model_faults,
    service_faults,
)
from drills.faults.fault import DOWN, Fault

FAULTS: dict[tuple[str, str], Fault] = {
    ("database-slow-or-down", "cause-1"): database_faults.FROZEN,
}
"""By runbook and id of the cause's heading."""
