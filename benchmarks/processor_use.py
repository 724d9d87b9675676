"""What the processes of a measurement use: processor time by part, and memory of workers."""

from __future__ import annotations

import resource
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from tools.servers import children, wait_until

POLL_SECONDS = 0.2
QUIET_SECONDS = 0.02
"""Processor time of a server within a poll, below which it has nothing left to do."""


@dataclass(frozen=True)
class Parts:
    """The first process of each part; None: there is no such part."""

    server: int
    database: int | None = None
    cache: int | None = None

    def seconds(self) -> dict[str, float]:
        """Seconds of processor time so far: of each worker by its id, and of each part.

        `foreign` is what all else has used, and what the machine's host took away.
        """
        workers = {str(pid): _seconds(psutil.Process(pid)) for pid in children(self.server)}
        machine = psutil.cpu_times()
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)  # wrk, when it has ended
        parts = {
            "server": sum(workers.values()) + _seconds(psutil.Process(self.server)),
            "load": ended.ru_utime + ended.ru_stime,
            "database": _family(self.database),
            "cache": _family(self.cache),
        }
        busy = sum(machine) - machine.idle - machine.iowait - machine.guest - machine.guest_nice
        return {**workers, **parts, "foreign": busy - sum(parts.values())}

    def wait_until_quiet(self) -> None:
        """Wait until the server has done what clients left behind when they went."""
        before = self.seconds()["server"]

        def quiet() -> bool:
            nonlocal before
            time.sleep(POLL_SECONDS)
            was, before = before, self.seconds()["server"]
            return before - was < QUIET_SECONDS

        wait_until(quiet, "the server has nothing left to do")

    def forget_peaks(self) -> None:
        """Let the peaks of the workers' memory begin again at what they have."""
        for pid in children(self.server):
            Path(f"/proc/{pid}/clear_refs").write_text("5")

    def memory(self) -> dict[str, float]:
        """MB: `pss` of a worker, the mean; `peak`, of the worker that had most; `master`."""
        workers = [_memory(pid) for pid in children(self.server)]
        return {
            "pss": sum(pss for pss, _ in workers) / len(workers),
            "peak": max(peak for _, peak in workers),
            "master": _memory(self.server)[0],
        }


def _seconds(process: psutil.Process) -> float:
    return float(sum(process.cpu_times()[:2]))


def _family(pid: int | None) -> float:
    """Seconds of a process and of those that it started and that haven't ended."""
    if pid is None:
        return 0.0
    process = psutil.Process(pid)
    return sum(map(_seconds, (process, *process.children(recursive=True))))


def _memory(pid: int) -> tuple[float, float]:
    """MB of a process: what it has, and what it had at most; what processes share counts once."""
    info = psutil.Process(pid).memory_full_info()
    status = Path(f"/proc/{pid}/status").read_text()
    (peak,) = [int(line.split()[1]) * 1024 for line in status.splitlines() if "VmHWM" in line]
    return info.pss / 1e6, (info.pss + max(0, peak - info.rss)) / 1e6
