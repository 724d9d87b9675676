"""Eight clients send batches without a pause; single predictions go on between them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from soak.figures import Figure, failures
from soak.one_worker import SECONDS, one_worker, probing, singles
from soak.requests_sent import BATCH
from tools.wrk import wrk

TITLE = "Batches: single predictions while eight clients send 1,000 customers at a time"
BATCHES, SINGLES = 8, 4
"""Connections of each."""

TAIL = 15
"""Milliseconds in which 99 of 100 single predictions must be answered."""


def run(folder: Path) -> list[Figure]:
    """Measure alone, then beside the batches, which begin before and end after."""
    with one_worker(folder) as server, ThreadPoolExecutor(1) as pool:
        alone = singles(server, connections=SINGLES)
        flood = pool.submit(wrk, server.url, BATCH, SECONDS + 4, BATCHES)
        with probing(server) as taken:
            beside = singles(server, connections=SINGLES)
        batches = flood.result()
    return [
        Figure("single predictions a second, alone", f"{alone.rate:,.0f}"),
        Figure("beside batches", f"{beside.rate:,.0f}"),
        Figure("p99 alone, ms", f"{alone.p99:.2f}"),
        Figure("p50 beside batches, ms", f"{beside.p50:.2f}"),
        Figure(
            f"p99 beside batches, ms, under {TAIL}", f"{beside.p99:.2f}", broken=beside.p99 >= TAIL
        ),
        Figure("slowest GET /health/live beside batches, ms", f"{max(taken) * 1000:.1f}"),
        Figure("customers a second, in batches", f"{batches.rate * 1000:,.0f}"),
        Figure("p99 of a batch, ms", f"{batches.p99:,.0f}"),
        failures(
            "predictions and batches that failed", alone.failed + beside.failed + batches.failed
        ),
    ]
