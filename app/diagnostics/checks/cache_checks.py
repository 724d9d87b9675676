"""Checks of the cache: why lookups don't hit it.

All four judge two looks at Redis, a second apart. A cache in process has none of these causes.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from app.diagnostics import processes
from app.diagnostics.checks.check_result import CheckResult, Group, unmeasured
from app.resilience.unavailable import DependencyUnavailable
from app.services import services

if TYPE_CHECKING:
    from app.customers.store.cache_backends import RedisState

LEAST_HITS = 0.2
"""Share of lookups that the cache should answer, if there are at least `LOOKUPS`."""

LOOKUPS = 20
FULL = 0.95
"""Share of the memory limit."""

REFILL_SECONDS = 60
"""A cache that holds less than the misses of so many seconds was emptied meanwhile."""


@dataclass(frozen=True)
class CacheLook:
    """What was seen of the cache in a second."""

    fault: str = ""
    """Why it does not answer, or empty."""

    state: RedisState | None = None
    """None: it is in process."""

    evicted: int = 0
    """Entries evicted in the second."""

    lookups: float = 0
    hits: float = 0
    database_answers: bool = True


def look() -> CacheLook:
    """Look at Redis twice, and count the lookups meanwhile."""
    cache = services().customers.store.cache
    try:
        first, before = cache.state(), processes.samples()
        time.sleep(processes.SAMPLE_SECONDS)
        state, after = cache.state(), processes.samples()
    except DependencyUnavailable as error:
        return CacheLook(fault=str(error))
    counts = {}
    for result in ("hit", "miss", "error"):
        key = "churn_cache_requests_total", (("result", result),)
        counts[result] = after.get(key, 0) - before.get(key, 0)
    return CacheLook(
        state=state,
        evicted=state.evicted - first.evicted if state and first else 0,
        lookups=sum(counts.values()),
        hits=counts["hit"],
        database_answers=not after.get(("churn_circuit_open", (("part", "database"),)), 0),
    )


def down(found: CacheLook) -> CheckResult:
    """Find a Redis that does not answer."""
    measured = found.fault or ("it answers" if found.state else "the cache is in process")
    return CheckResult(not found.fault, measured, "an answer within 200 ms")


def writes(found: CacheLook) -> CheckResult:
    """Find a Redis that refuses to write for another reason than memory."""
    threshold = "it accepts writes"
    if found.state is None:
        return unmeasured(_unknown(found), threshold)
    refused = found.state.refusal and not found.state.refuses_for_memory
    return CheckResult(not refused, found.state.refusal or "it accepts writes", threshold)


def small(found: CacheLook) -> CheckResult:
    """Find a cache that has to evict entries, or refuses new ones, for want of memory."""
    threshold = f"below {FULL:.0%} of its memory, or nothing evicted or refused for it"
    state = found.state
    if state is None:
        return unmeasured(_unknown(found), threshold)
    limit = f"{state.limit / 1e6:.1f} MB" if state.limit else "an unlimited amount"
    measured = [f"{state.used / 1e6:.1f} MB used of {limit}"]
    measured.append(
        f"{found.evicted} entries evicted in a second, {state.evicted} since it started"
    )
    if state.refuses_for_memory:
        measured.append("it refuses writes")
    return CheckResult(not _is_small(state), ", ".join(measured), threshold)


def emptied(found: CacheLook) -> CheckResult:
    """Find a cache that is sound, but holds less than lookups put there lately."""
    threshold = (
        f"{LEAST_HITS:.0%} of lookups answered where there are {LOOKUPS} in a second, or as many "
        f"entries as lookups of {REFILL_SECONDS} s put there"
    )
    state = found.state
    if state is None:
        return unmeasured(_unknown(found), threshold)
    share = found.hits / found.lookups if found.lookups else 0.0
    put = (found.lookups - found.hits) / processes.SAMPLE_SECONDS * REFILL_SECONDS
    measured = f"{found.lookups:.0f} lookups in a second, {share:.0%} hits, {state.held} entries"
    is_it = (
        found.lookups >= LOOKUPS
        and share < LEAST_HITS
        and state.held < put
        and found.database_answers
        and not state.refusal
        and not _is_small(state)
    )
    since = datetime.now(UTC) - timedelta(seconds=state.seconds)
    young = is_it and state.seconds < REFILL_SECONDS * 10
    return CheckResult(not is_it, measured, threshold, since if young else None)


def _is_small(state: RedisState) -> bool:
    full = bool(state.limit) and state.used > FULL * state.limit
    return state.refuses_for_memory or (full and state.evicted > 0)


def _unknown(found: CacheLook) -> str:
    return "Redis does not answer" if found.fault else "the cache is in process"


GROUP = Group(look, {"down": down, "emptied": emptied, "small": small, "writes": writes})
