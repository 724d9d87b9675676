"""Measures the running service from another process of the machine, through /proc."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import CollectorRegistry

from app.config import GUNICORN_CONFIGURATION

SAMPLE_SECONDS = 1.0
"""The period over which checks measure rates."""

PROC = Path("/proc")
_SAME = ("DATABASE_URL", "CACHE_URL", "MODEL_DIR")
_CONFIGURATION = str(GUNICORN_CONFIGURATION).encode()

Samples = Mapping[tuple[str, tuple[tuple[str, str], ...]], float]
"""Values of metrics by name and sorted labels."""


def workers() -> dict[int, int]:
    """Return the workers of this installation and environment, with their servers, by process id.

    A server with another database, cache or folder of releases is another service. A worker has the
    command line of its server; a program that started the server has another.
    """
    commands, parents = {}, {}
    for folder in PROC.glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
            if _CONFIGURATION in command.split(b"\0") and _ours(folder):
                pid = int(folder.name)
                parents[pid], commands[pid] = int(_statistics(pid)[1]), command
        except OSError:  # it has ended, or belongs to another user
            continue
    return {pid: parent for pid, parent in parents.items() if commands.get(parent) == commands[pid]}


def processor_seconds(pid: int) -> float | None:
    """Return the time that a process used a processor or waited for one; None if it has ended."""
    total = 0
    try:
        for thread in (PROC / str(pid) / "task").iterdir():
            with suppress(OSError):  # the thread has ended
                used, waited, _ = (thread / "schedstat").read_text().split()
                total += int(used) + int(waited)
    except OSError:
        return None
    return total / 1e9


def silence(pid: int) -> float | None:
    """Return the seconds since a worker told its server that it runs; None if it has ended.

    It does so every second through the times of a file that both have open.
    """
    try:
        for descriptor in (PROC / str(pid) / "fd").iterdir():
            with suppress(OSError):
                if "/wgunicorn-" in str(descriptor.readlink()):
                    return time.monotonic() - descriptor.stat().st_mtime
    except OSError:
        pass
    return None


def is_stopped(pid: int) -> bool:
    """Whether a signal has stopped the process."""
    try:
        return _statistics(pid)[0] in "Tt"
    except OSError:
        return False


def samples() -> Samples:
    """Add up the metrics of all running workers; of times, take the last."""
    found: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {}
    for folder in {folder for pid in workers() if (folder := _metrics_folder(pid))}:
        registry = CollectorRegistry(support_collectors_without_names=True)
        try:
            MultiProcessCollector(registry, folder)
            families = list(registry.collect())
        except (OSError, ValueError):  # its server has ended
            continue
        for family in families:
            for sample in family.samples:
                key = sample.name, tuple(sorted(sample.labels.items()))
                before = found.get(key, 0.0)
                is_time = sample.name.endswith("_timestamp_seconds")
                found[key] = max(before, sample.value) if is_time else before + sample.value
    return found


def queued(servers: set[int]) -> int | None:
    """Count the connections that wait for these servers to accept them; None: none listens."""
    sockets = set()
    for server in servers:
        with suppress(OSError):  # it has ended
            for descriptor in (PROC / str(server) / "fd").iterdir():
                with suppress(OSError):
                    target = str(descriptor.readlink())
                    if target.startswith("socket:["):
                        sockets.add(target[8:-1])
    waiting = []
    for table in ("tcp", "tcp6"):
        for line in (PROC / "net" / table).read_text().splitlines()[1:]:
            _, _, _, state, queues, _, _, _, _, inode, *_ = line.split()
            if state == "0A" and inode in sockets:  # listening: its second queue is the backlog
                waiting.append(int(queues.partition(":")[2], 16))
    return sum(waiting) if waiting else None


def _ours(folder: Path) -> bool:
    """Whether a process was started with our settings."""
    started = (folder / "environ").read_bytes().split(b"\0")
    theirs = dict(entry.partition(b"=")[::2] for entry in started)
    return all(
        theirs.get(name.encode(), b"").decode(errors="replace") == os.environ.get(name, "")
        for name in _SAME
    )


def _metrics_folder(pid: int) -> str | None:
    """Find the folder where a worker writes its metrics; it has the files mapped."""
    try:
        for line in (PROC / str(pid) / "maps").read_text().splitlines():
            path = line.rpartition(" ")[2]
            if "/churn-metrics-" in path:
                return str(Path(path).parent)
    except OSError:
        pass
    return None


def _statistics(pid: int) -> list[str]:
    """Return the fields of stat in proc(5) from the third on; the second may contain blanks."""
    return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
