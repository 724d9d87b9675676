"""What a server's workers are, and what they count."""

from __future__ import annotations

from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tools.servers import Server, fetch


def samples(server: Server) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Each sample of `/metrics` by its name and labels."""
    _, text = fetch(f"{server.url}/metrics")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def children(pid: int) -> list[int]:
    """The process ids of a server's workers."""
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def metrics_folder(server: Server) -> Path:
    """Where the workers write: they have it mapped."""
    (worker, *_) = children(server.process.pid)
    maps = Path(f"/proc/{worker}/maps").read_text()
    (folder,) = {str(Path(line.split()[-1]).parent) for line in maps.splitlines() if ".db" in line}
    return Path(folder)
