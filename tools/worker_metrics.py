"""What a server's workers are, what they count, and how they get the processor."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tools.servers import Server, children, fetch


def samples(server: Server) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Each sample of `/metrics` by its name and labels."""
    _, text = fetch(f"{server.url}/metrics")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def metrics_folder(server: Server) -> Path:
    """Where the workers write: they have it mapped."""
    (worker, *_) = children(server.process.pid)
    maps = Path(f"/proc/{worker}/maps").read_text()
    (folder,) = {str(Path(line.split()[-1]).parent) for line in maps.splitlines() if ".db" in line}
    return Path(folder)


@contextmanager
def computing_first(server: Server) -> Iterator[None]:
    """Let the workers, and the clients that the block starts, compute before other processes.

    For tests of busy workers: how busy they are is then theirs, whatever else the machine does. It
    needs root, and is left out without.
    """
    _prefer(server, -15)
    try:
        yield
    finally:
        _prefer(server, 0)


def _prefer(server: Server, niceness: int) -> None:
    """Each thread has a niceness of its own, which those that it starts inherit."""
    processes = children(server.process.pid)
    tasks = [task for pid in processes for task in Path(f"/proc/{pid}/task").glob("*")]
    for thread in (threading.get_native_id(), *(int(task.name) for task in tasks)):
        with suppress(PermissionError, ProcessLookupError):
            os.setpriority(os.PRIO_PROCESS, thread, niceness)
