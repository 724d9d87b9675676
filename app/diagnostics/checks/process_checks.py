"""Checks of the server's processes: how busy they are, and what failed."""

from __future__ import annotations

import time

from app.diagnostics import processes
from app.diagnostics.checks.check_result import CheckResult

BUSY = 0.85
"""Share of a processor that a worker may use before requests queue."""

_IDLE = f"in each server a worker below {BUSY:.0%} of one processor, none waiting"

RECENT = 300
"""Seconds for which an error counts as recent."""


def saturation() -> CheckResult:
    """Check that a worker of each server is not busy, and that no connection waits."""
    workers = processes.workers()
    if not workers:
        return CheckResult(True, "no worker of the service runs on this machine", _IDLE)
    before = {pid: processes.processor_seconds(pid) for pid in workers}
    waiting = processes.queued(set(workers.values()))
    started = time.monotonic()
    time.sleep(processes.SAMPLE_SECONDS)
    passed = time.monotonic() - started
    servers: dict[int, list[float]] = {}
    for pid, server in workers.items():
        used, earlier = processes.processor_seconds(pid), before[pid]
        if used is not None and earlier is not None:  # the others have ended
            servers.setdefault(server, []).append((used - earlier) / passed)
    waiting = min(
        waiting, processes.queued(set(servers))
    )  # a connection that is just arriving doesn't count
    return verdict(servers, waiting)


def verdict(servers: dict[int, list[float]], waiting: int) -> CheckResult:
    """Judge how busy servers are.

    Args:
        servers: for each, the share of a processor that each of its workers uses.
        waiting: connections that no worker has accepted.
    """
    measured = [
        f"server {server}: workers at " + ", ".join(f"{share:.0%}" for share in sorted(shares))
        for server, shares in sorted(servers.items())
    ]
    idle = all(min(shares) < BUSY for shares in servers.values())
    measured.append(f"{waiting} connections waiting")
    return CheckResult(idle and not waiting, "; ".join(measured), _IDLE)


def errors() -> CheckResult:
    """Check that no request failed with an unexpected error lately, and name the types."""
    threshold = f"none in the last {RECENT // 60} minutes"
    now, recent, older = time.time(), [], 0.0
    counted = processes.samples()
    for (name, labels), value in sorted(counted.items(), key=lambda item: -item[1]):
        if name == "churn_last_error_timestamp_seconds":
            (kind,) = (label for key, label in labels if key == "type")
            times = counted.get(("churn_errors_total", (("type", kind),)), 0)
            if 0 <= now - value < RECENT:  # later than now: the clock was set back
                recent.append(f"{kind} {now - value:.0f} s ago ({times:.0f} since the start)")
            else:
                older += times
    measured = ", ".join(recent) or f"none; {older:.0f} earlier since the start"
    return CheckResult(not recent, measured, threshold)
