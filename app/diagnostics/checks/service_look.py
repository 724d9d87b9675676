"""What checks of the service see in a second: its processes, their counts, and their scrapes."""

from __future__ import annotations

import time
from dataclasses import dataclass

from app.diagnostics import processes, scrape_target
from app.services import services

HANGS_SECONDS = 5
"""Seconds of silence after which a worker hangs; gunicorn replaces it after 30."""


@dataclass(frozen=True)
class WorkerLook:
    """A worker of a server."""

    pid: int
    server: int
    share: float | None
    """Of a processor that it used or waited for, or None if it has just started or ended."""

    silent: float
    """Seconds since it told its server that it runs."""

    stopped: bool

    @property
    def hangs(self) -> bool:
        """Whether it does nothing."""
        return self.stopped or self.silent > HANGS_SECONDS


@dataclass(frozen=True)
class ServiceLook:
    """The service on this machine."""

    workers: list[WorkerLook]
    waiting: int | None
    """Connections that no worker has accepted; None: nothing listens."""

    counted: processes.Samples
    unreached: list[str] | None
    """Instances that Prometheus can't scrape; None: it can't be asked."""


def look() -> ServiceLook:
    """Look at the service for a second."""
    before = {pid: processes.processor_seconds(pid) for pid in processes.workers()}
    waiting = processes.queued(set(processes.workers().values()))
    started = time.monotonic()
    time.sleep(processes.SAMPLE_SECONDS)
    passed = time.monotonic() - started
    found = processes.workers()
    workers = []
    for pid, server in sorted(found.items()):
        used, earlier = processes.processor_seconds(pid), before.get(pid)
        share = None
        if used is not None and earlier is not None:
            share = min(1.0, (used - earlier) / passed)  # several threads may have waited
        silent = processes.silence(pid) or 0.0
        workers.append(WorkerLook(pid, server, share, silent, processes.is_stopped(pid)))
    still = processes.queued(set(found.values()))
    if waiting is not None and still is not None:
        still = min(waiting, still)  # a connection that is just arriving doesn't count
    unreached = scrape_target.unreached(services().alerts.address)
    return ServiceLook(workers, still, processes.samples(), unreached)
