"""The checks. Each is read-only, ends within a time limit, and measures its own part alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from app.diagnostics import processes
from app.releases import releases
from app.resilience.unavailable import DependencyUnavailable
from app.services import services

BUSY = 0.85
"""Share of a second that a worker may compute before requests queue behind it."""

SAMPLE = 1.0
"""Seconds over which rates are taken."""

SLOW_DATABASE = 0.25
"""Seconds to read one row."""

SLOW_CACHE = 0.1
"""Seconds for a ping."""

LEAST_HITS = 0.2
"""Share of lookups that the cache should answer, where there are at least `LOOKUPS` of them."""

LOOKUPS = 20
FULL = 0.95
"""Share of the cache's memory limit."""

RECENT = 300
"""Seconds that an error counts as one of now."""


@dataclass(frozen=True)
class CheckResult:
    """What a check found: `ok`, and the measurement against its threshold in words."""

    ok: bool
    measured: str
    threshold: str


def model() -> CheckResult:
    """Is a release in service, does it still give its stored scores, is none refused?

    Digests are compared when a release is loaded; one that differs from its card is refused.
    """
    known = releases()
    threshold = "a release in service, its self-test right, no release refused"
    if known.serving is None:
        measured = "no release is in service"
    elif failures := known.serving.scorecard.verify():
        measured = f"release {known.serving.version}: {failures[0]}"
    else:
        card = known.serving.card
        measured = f"release {known.serving.version} of {card['date']} in service, self-test right"
    refused = [f"{version} refused: {why}" for version, why in sorted(known.refused.items())]
    ok = measured.endswith("self-test right") and not refused
    return CheckResult(ok, "; ".join([measured, *refused]), threshold)


def database() -> CheckResult:
    """Does the database read a row quickly, with no query stuck and a connection to spare?"""
    threshold = (
        f"a row within {SLOW_DATABASE * 1000:.0f} ms, no query that waits for a lock or is older "
        "than 5 minutes, a free call"
    )
    known = _store()
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
    """Does the cache answer, is it of use, has it memory left?"""
    threshold = (
        f"an answer within {SLOW_CACHE * 1000:.0f} ms, {LEAST_HITS:.0%} of lookups answered where "
        f"there are {LOOKUPS} in a second, below {FULL:.0%} of its memory"
    )
    known = _store().cache
    try:
        taken = _seconds(known.ping)
        memory = known.memory()
    except DependencyUnavailable as error:
        return CheckResult(False, str(error), threshold)
    before = processes.samples()
    time.sleep(SAMPLE)
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


def saturation() -> CheckResult:
    """Do all workers of a server compute all the time, do connections wait to be accepted?"""
    threshold = f"in each server a worker below {BUSY:.0%} of one processor, none waiting"
    workers = processes.workers()
    if not workers:
        return CheckResult(True, "no worker of the service runs on this machine", threshold)
    before = {pid: processes.processor_seconds(pid) for pid in workers}
    waiting = processes.queued(set(workers.values()))
    started = time.monotonic()
    time.sleep(SAMPLE)
    passed = time.monotonic() - started
    servers: dict[int, list[float]] = {}
    for pid, server in workers.items():
        used, earlier = processes.processor_seconds(pid), before[pid]
        if used is not None and earlier is not None:  # the others ended meanwhile
            servers.setdefault(server, []).append((used - earlier) / passed)
    waiting = min(waiting, processes.queued(set(servers)))  # one that is just arriving is none
    measured = [
        f"server {server}: workers at " + ", ".join(f"{share:.0%}" for share in sorted(shares))
        for server, shares in sorted(servers.items())
    ]
    idle = all(min(shares) < BUSY for shares in servers.values())
    measured.append(f"{waiting} connections waiting")
    return CheckResult(idle and not waiting, "; ".join(measured), threshold)


def errors() -> CheckResult:
    """Did requests end in an error of ours lately; of which types?"""
    threshold = f"none in the last {RECENT // 60} minutes"
    now, recent, older = time.time(), [], 0.0
    counted = processes.samples()
    for (name, labels), value in sorted(counted.items(), key=lambda item: -item[1]):
        if name == "churn_last_error_timestamp_seconds":
            (kind,) = (label for key, label in labels if key == "type")
            times = counted.get(("churn_errors_total", (("type", kind),)), 0)
            if now - value < RECENT:
                recent.append(f"{kind} {now - value:.0f} s ago ({times:.0f} since the start)")
            else:
                older += times
    measured = ", ".join(recent) or f"none; {older:.0f} earlier since the start"
    return CheckResult(not recent, measured, threshold)


def documents() -> CheckResult:
    """Is a review of a runbook or guide overdue?"""
    today = datetime.now(UTC).date()
    overdue = [d.slug for d in services().library() if d.is_overdue(today)]
    measured = f"{len(overdue)} overdue" + (f": {', '.join(overdue)}" if overdue else "")
    return CheckResult(not overdue, measured, "no review overdue")


CHECKS: dict[str, Callable[[], CheckResult]] = {
    "model": model,
    "database": database,
    "cache": cache,
    "saturation": saturation,
    "errors": errors,
    "documents": documents,
}


def _store() -> Any:
    return services().customers.store


def _seconds(ask: Callable[[], None]) -> float:
    """How long the second of two calls takes: the first connects."""
    ask()
    started = time.perf_counter()
    ask()
    return time.perf_counter() - started


def _limit(most: int) -> str:
    return f"{most / 1e6:.1f} MB" if most else "an unlimited amount"


def diagnose(name: str) -> dict[str, Any]:
    """Run one check by name."""
    return {"name": name, **asdict(CHECKS[name]())}
