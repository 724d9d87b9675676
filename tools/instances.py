"""An instance of the service that is stopped, killed and started again at the same address."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tools.ports import free_port
from tools.servers import Server, children, gunicorn, ready, wait_until


class Instance:
    """One of several.

    Args:
        folder: for its log.
        environ: its environment variables.
    """

    def __init__(self, folder: Path, **environ: str) -> None:
        self._folder = folder
        self._environ: dict[str, Any] = environ  # Any: of a dictionary's keys mypy knows no names
        self._port = free_port()
        self._stack = ExitStack()
        self.url = f"http://127.0.0.1:{self._port}"
        self.server: Server

    def start(self) -> None:
        """Start it; it answers, but need not be ready."""
        self._folder.mkdir(exist_ok=True)
        self.server = self._stack.enter_context(
            gunicorn(self._folder, port=self._port, **self._environ)
        )

    def stop(self) -> None:
        """End it as a supervisor does, and wait until it has ended."""
        self._stack.close()

    def restart(self) -> None:
        """Stop it, start it, and wait until it is ready."""
        self.stop()
        self.start()
        wait_until(lambda: ready(f"{self.url}/health/ready"), "the instance is ready")

    def kill(self) -> None:
        """Kill all its processes at once."""
        self.send(signal.SIGKILL)
        self.stop()

    def send(self, what: signal.Signals) -> None:
        """Send a signal to all its processes."""
        for process in self.processes():
            os.kill(process, what)

    def processes(self) -> list[int]:
        """The master and its workers."""
        master = self.server.process.pid
        return [master, *children(master)]


@contextmanager
def two_instances(folder: Path, **environ: str) -> Iterator[tuple[Instance, Instance]]:
    """Two instances with the same environment, behind one trusted proxy."""
    first, second = (
        Instance(folder / name, TRUSTED_PROXIES="1", **environ) for name in ("first", "second")
    )
    try:
        first.start()
        second.start()
        yield first, second
    finally:
        first.stop()
        second.stop()
