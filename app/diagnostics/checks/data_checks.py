"""Checks of database and cache."""

from __future__ import annotations

import time
from collections.abc import Callable

from app.diagnostics import processes
from app.diagnostics.checks.check_result import CheckResult
from app.resilience.unavailable import DependencyUnavailable
from app.services import services

SLOW_DATABASE = 0.25
"""Seconds to read one row."""

SLOW_CACHE = 0.1
"""Seconds for a ping."""

LEAST_HITS = 0.2
"""Share of lookups that the cache should answer, if there are at least `LOOKUPS`."""

LOOKUPS = 20
FULL = 0.95
"""Share of the cache's memory limit."""


def database() -> CheckResult:
    """Check that the database reads a row quickly, with no stuck query and a free connection."""
    threshold = (
        f"a row within {SLOW_DATABASE * 1000:.0f} ms, no query that waits for a lock or is older "
        "than 5 minutes, a free call"
    )
    known = services().customers.store
    try:
        taken = _seconds(known.ping)
        activity = known.activity()
    except DependencyUnavailable as error:
        return CheckResult(False, str(error), threshold)
    counted = processes.samples()
    busy = int(counted.get(("churn_database_calls_in_progress", ()), 0))
    limit = int(counted.get(("churn_database_calls_limit", ()), 0))
    measured = [f"a row in {taken * 1000:.1f} ms", f"{busy} of {limit} calls in progress"]
    if activity:
        measured.append(
            f"{activity.connections} of {activity.most} connections, {activity.waiting} waiting "
            f"for a lock, {activity.old} older than 5 minutes"
        )
    stuck = activity and (activity.waiting or activity.old)
    ok = taken < SLOW_DATABASE and not stuck and (busy < limit or not limit)
    return CheckResult(ok, ", ".join(measured), threshold)


def cache() -> CheckResult:
    """Check that the cache answers, that lookups hit it, and that it has free memory."""
    threshold = (
        f"an answer within {SLOW_CACHE * 1000:.0f} ms, {LEAST_HITS:.0%} of lookups answered where "
        f"there are {LOOKUPS} in a second, below {FULL:.0%} of its memory"
    )
    known = services().customers.store.cache
    try:
        taken = _seconds(known.ping)
        memory = known.memory()
    except DependencyUnavailable as error:
        return CheckResult(False, str(error), threshold)
    before = processes.samples()
    time.sleep(processes.SAMPLE_SECONDS)
    after = processes.samples()
    counts = {}
    for result in ("hit", "miss", "error"):
        key = "churn_cache_requests_total", (("result", result),)
        counts[result] = after.get(key, 0) - before.get(key, 0)
    lookups = sum(counts.values())
    share = counts["hit"] / lookups if lookups else 0.0
    measured = [f"answered in {taken * 1000:.1f} ms", f"{lookups:.0f} lookups in a second"]
    if lookups:
        measured.append(f"{share:.0%} of them hits")
    full = False
    if memory:
        measured.append(f"{memory.used / 1e6:.1f} MB used of {_limit(memory.limit)}")
        measured.append(f"{memory.evicted} entries evicted since it started")
        full = bool(memory.limit) and memory.used > FULL * memory.limit
    poor = lookups >= LOOKUPS and share < LEAST_HITS
    return CheckResult(taken < SLOW_CACHE and not poor and not full, ", ".join(measured), threshold)


def _seconds(ask: Callable[[], None]) -> float:
    """Time the second of two calls; the first connects."""
    ask()
    started = time.perf_counter()
    ask()
    return time.perf_counter() - started


def _limit(most: int) -> str:
    return f"{most / 1e6:.1f} MB" if most else "an unlimited amount"
