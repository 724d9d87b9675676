"""A real Alertmanager with the committed configuration."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.ports import free_port
from tools.servers import ROOT, program, ready, running, wait_for


@contextmanager
def alertmanager(folder: Path) -> Iterator[str]:
    """Alertmanager; yields its address."""
    listen = f"127.0.0.1:{free_port()}"
    command = [
        program("prometheus-alertmanager"),
        f"--config.file={ROOT / 'deploy' / 'prometheus' / 'alertmanager.yml'}",
        f"--storage.path={folder / 'alertmanager'}",
        f"--web.listen-address={listen}",
        "--cluster.listen-address=",
    ]
    log = folder / "alertmanager.log"
    with running(command, log) as process:
        wait_for(process, log, lambda: ready(f"http://{listen}/-/ready"), "Alertmanager is ready")
        yield f"http://{listen}"
