"""The fault of each cause of each runbook that names an alert."""

from __future__ import annotations

from dataclasses import replace

from drills.faults import (
    cache_faults,
    database_faults,
    document_faults,
    model_faults,
    service_faults,
)
from drills.faults.fault import Fault

CACHE = "cache-miss-storm"
DATABASE = "database-slow-or-down"
LATENCY = "high-api-latency"
ERRORS = "high-error-rate"
MODEL = "model-release-refused"
DOWN = "service-down"

FAULTS: dict[tuple[str, str], Fault] = {
    (MODEL, "cause-1-a-file-was-damaged-or-changed-after-the-release-was-made"): (
        model_faults.DAMAGED
    ),
    (MODEL, "cause-2-the-releases-feature-contract-was-changed"): model_faults.CONTRACT,
    (MODEL, "cause-3-the-release-gives-other-scores-than-it-was-made-with"): model_faults.SELFTEST,
    (MODEL, "cause-4-the-file-that-says-which-release-serves-is-damaged"): model_faults.POINTER,
    (MODEL, "cause-5-the-promoted-release-has-another-feature-contract"): model_faults.WAITING,
    (DATABASE, "cause-1-the-server-is-gone-or-frozen"): database_faults.FROZEN,
    (DATABASE, "cause-2-a-lock-on-the-table"): database_faults.LOCKED,
    (DATABASE, "cause-3-old-queries-take-the-servers-time"): database_faults.QUERIES,
    (DATABASE, "cause-4-no-connection-is-left"): database_faults.CONNECTIONS,
    (CACHE, "cause-1-redis-is-down"): cache_faults.CACHE_DOWN,
    (CACHE, "cause-2-the-cache-was-emptied"): cache_faults.EMPTIED,
    (CACHE, "cause-3-it-is-too-small"): cache_faults.SMALL,
    (CACHE, "cause-4-redis-cannot-write-because-its-disk-is-full"): cache_faults.WRITES,
    (LATENCY, "cause-1-every-worker-computes-all-the-time"): service_faults.SATURATED,
    (LATENCY, "cause-2-the-database-is-slow"): replace(
        database_faults.QUERIES, alert="ChurnApiHighLatency"
    ),
    (LATENCY, "cause-3-a-cache-miss-storm"): cache_faults.STORM,
    (LATENCY, "cause-4-workers-are-killed-again-and-again"): service_faults.RESTARTS,
    (ERRORS, "cause-1-the-database-is-down"): replace(
        database_faults.FROZEN, alert="ChurnApiHighErrorRate"
    ),
    (ERRORS, "cause-2-no-release-of-the-model-is-in-service"): model_faults.NONE_SOUND,
    (ERRORS, "cause-3-a-fault-in-the-software"): service_faults.ERRORS,
    ("overdue-reviews", "cause-1-nobody-has-reviewed-it"): document_faults.OVERDUE,
    (DOWN, "cause-1-the-process-is-not-running"): service_faults.PROCESS,
    (DOWN, "cause-2-the-workers-hang"): service_faults.HANGING,
    (DOWN, "cause-3-prometheus-cannot-reach-it"): service_faults.REVOKED,
}
"""By runbook and id of the cause's heading, in the order in which they are drilled."""
