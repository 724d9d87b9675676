"""Checks of the service itself: whether it runs, is reached, has time, and what failed."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from app.diagnostics.checks.check_result import CheckResult, Group, unmeasured
from app.diagnostics.checks.service_look import HANGS_SECONDS, ServiceLook, look

BUSY = 0.85
"""Share of a processor that a worker may use before requests queue."""

RECENT = 300
"""Seconds for which an error counts as recent."""

SCRAPED_SECONDS = 60
"""Seconds after which a scrape is missing."""

SERIES = 10
"""Scrapes by which Prometheus is told from somebody who looked at the metrics."""

KILLED = 3
"""Killed workers that make a series, within `SERIES_SECONDS`."""

SERIES_SECONDS = 600
OVER_SECONDS = 30
"""A series is over when nothing was killed for its length, or this long if it was shorter."""


def process(found: ServiceLook) -> CheckResult:
    """Find that no server of this installation runs here, or that it doesn't listen."""
    threshold = "a server with a worker, which listens"
    if not found.workers:
        return CheckResult(False, "no worker of the service runs on this machine", threshold)
    servers = ", ".join(str(pid) for pid in sorted({worker.server for worker in found.workers}))
    if found.waiting is None:
        return CheckResult(False, f"server {servers} does not listen", threshold)
    return CheckResult(True, f"server {servers}: {len(found.workers)} workers", threshold)


def workers(found: ServiceLook) -> CheckResult:
    """Find workers that hang."""
    threshold = f"each worker says that it runs, at least every {HANGS_SECONDS} s"
    if not found.workers:
        return unmeasured("no worker runs", threshold)
    hang = [worker for worker in found.workers if worker.hangs]
    if not hang:
        return CheckResult(True, f"{len(found.workers)} workers run", threshold)
    described = [
        f"worker {worker.pid} {'is stopped' if worker.stopped else 'hangs'}, "
        f"silent for {worker.silent:.0f} s"
        for worker in hang
    ]
    since = _moment(time.time() - max(worker.silent for worker in hang))
    return CheckResult(False, "; ".join(described), threshold, since)


def scrape(found: ServiceLook) -> CheckResult:
    """Find that Prometheus cannot reach a service that runs."""
    threshold = f"a scrape every {SCRAPED_SECONDS} s, and none refused since"
    if not found.workers or found.waiting is None or any(w.hangs for w in found.workers):
        return unmeasured("the service itself does not answer", threshold)
    answered, refused = _scraped(found, "answered"), _scraped(found, "refused")
    now = time.time()
    if refused > answered and now - refused < SCRAPED_SECONDS:
        measured = f"a scrape was refused {now - refused:.0f} s ago: its key is missing or wrong"
        return CheckResult(False, measured, threshold, _moment(answered) if answered else None)
    if found.unreached:
        measured = f"Prometheus cannot reach {', '.join(found.unreached)}"
        return CheckResult(False, measured, threshold, _moment(answered) if answered else None)
    scrapes = found.counted.get(("churn_scrapes_total", (("answer", "answered"),)), 0)
    if found.unreached is None and scrapes >= SERIES and now - answered > SCRAPED_SECONDS:
        measured = f"the last scrape came {now - answered:.0f} s ago"
        return CheckResult(False, measured, threshold, _moment(answered))
    known = "Prometheus reaches it" if found.unreached is not None else "Prometheus was not asked"
    last = f"the last scrape came {now - answered:.0f} s ago" if answered else "no scrape came yet"
    return CheckResult(True, f"{known}, {last}", threshold)


def saturated(found: ServiceLook) -> CheckResult:
    """Find a server whose workers all compute all the time."""
    threshold = f"in each server a worker below {BUSY:.0%} of one processor, none waiting"
    servers: dict[int, list[float]] = {}
    for worker in found.workers:
        if worker.share is not None and not worker.hangs:
            servers.setdefault(worker.server, []).append(worker.share)
    if not servers:
        return unmeasured("no worker runs", threshold)
    measured = [
        f"server {server}: workers at " + ", ".join(f"{share:.0%}" for share in sorted(shares))
        for server, shares in sorted(servers.items())
    ]
    hang = any(worker.hangs for worker in found.workers)
    waiting = 0 if hang else found.waiting or 0  # they wait for the workers that hang
    measured.append(f"{waiting} connections waiting")
    idle = all(min(shares) < BUSY for shares in servers.values())
    return CheckResult(idle and not waiting, "; ".join(measured), threshold)


def restarts(found: ServiceLook) -> CheckResult:
    """Find that workers are killed again and again, whoever kills them."""
    threshold = f"fewer than {KILLED} workers killed in {SERIES_SECONDS // 60} minutes"
    name = "churn_worker_killed_timestamp_seconds"
    times = sorted(value for (series, _), value in found.counted.items() if series == name)
    total = found.counted.get(("churn_workers_killed_total", ()), 0)
    if not times or not times[-1]:
        return CheckResult(True, "no worker was killed", threshold)
    now = time.time()
    first, last = times[0], times[-1]
    measured = f"{total:.0f} workers killed since the start, the last {now - last:.0f} s ago"
    together = len(times) == KILLED and now - first < SERIES_SECONDS
    goes_on = now - last < max(OVER_SECONDS, last - first)
    is_it = together and goes_on
    return CheckResult(not is_it, measured, threshold, _moment(first) if is_it else None)


def errors(found: ServiceLook) -> CheckResult:
    """Find requests that failed with an unexpected error lately, and name the types."""
    threshold = f"none in the last {RECENT // 60} minutes"
    now, recent, older = time.time(), [], 0.0
    latest = []
    for (name, labels), value in sorted(found.counted.items(), key=lambda item: -item[1]):
        if name == "churn_last_error_timestamp_seconds":
            (kind,) = (label for key, label in labels if key == "type")
            times = found.counted.get(("churn_errors_total", (("type", kind),)), 0)
            if 0 <= now - value < RECENT:  # later than now: the clock was set back
                recent.append(f"{kind} {now - value:.0f} s ago ({times:.0f} since the start)")
                latest.append(value)
            else:
                older += times
    measured = ", ".join(recent) or f"none; {older:.0f} earlier since the start"
    return CheckResult(not recent, measured, threshold, _moment(min(latest)) if latest else None)


def _scraped(found: ServiceLook, answer: str) -> float:
    name = "churn_scrape_timestamp_seconds"
    return found.counted.get((name, (("answer", answer),)), 0.0)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


GROUP = Group(
    look,
    {
        "process": process,
        "workers": workers,
        "scrape": scrape,
        "saturated": saturated,
        "restarts": restarts,
        "errors": errors,
    },
)
