"""What a server's workers count, and where."""

from __future__ import annotations

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
    mapped = [line.split()[-1] for line in maps.splitlines() if line.endswith(".db")]
    (folder,) = {str(Path(file).parent) for file in mapped}
    return Path(folder)
