"""Outages of database, cache and releases under load: failed requests, and waiting times."""

from __future__ import annotations

from pathlib import Path

from app.resilience.circuit_breaker import RETRY_SECONDS
from soak.figures import Figure, failures, milliseconds
from tools.part_outages import WORKERS, traffic_through_outages

TITLE = "Chaos under pressure: 200 requests a second while parts come and go"
RATE = 200

POOL = 8
"""Connections to the database that a worker may hold."""


def run(folder: Path) -> list[Figure]:
    """Go through the outages once."""
    traffic, connections = traffic_through_outages(folder, RATE)
    predicted, lookups = traffic.of("predict"), traffic.of("lookup")
    away = [call for call in lookups if call.status == 503]
    log = traffic.server.log.read_text()
    return [
        Figure("predictions from features", f"{len(predicted):,}"),
        failures("of them failed", sum(call.status != 200 for call in predicted)),
        *milliseconds("prediction, as its caller waits", [call.waited for call in predicted]),
        Figure("lookups", f"{len(lookups):,}"),
        Figure("of them refused: database down", f"{len(away):,}"),
        failures(
            "of these without the right Retry-After",
            sum(call.retry_after != str(RETRY_SECONDS) for call in away),
        ),
        failures(
            "lookups that failed otherwise",
            sum(call.status not in {200, 503} for call in lookups),
        ),
        *milliseconds("refusal, by the service's measure", [call.seconds for call in away]),
        *milliseconds("refusal, as its caller waits", [call.waited for call in away]),
        failures("tracebacks in the log", log.count("Traceback")),
        Figure(
            "connections to the database afterwards",
            f"{connections} of {WORKERS * POOL}",
            broken=connections > WORKERS * POOL,
        ),
    ]
