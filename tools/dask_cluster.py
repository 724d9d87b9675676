"""A Dask scheduler and its workers, as real processes, and a file that keeps a worker at work."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.servers import ROOT, wait_until

HIDDEN = "import sys; sys.modules['app'] = None\n"
"""Begins a process in which our packages can't be imported."""


@dataclass(frozen=True)
class DaskCluster:
    """A scheduler, and what starts its workers.

    Attributes:
        address: of the scheduler.
        scheduler: its process.
        folder: for what the workers leave.
        opened: ends the workers.
    """

    address: str
    scheduler: subprocess.Popen[bytes]
    folder: Path
    opened: ExitStack

    def worker(self, begin: str = "") -> int:
        """Start a worker, wait until it has joined, and return its process.

        Args:
            begin: Python that it runs first.
        """
        number = len([*self.folder.glob("dask_worker*.log")])
        log = self.folder / f"dask_worker{number}.log"
        folder = ["--local-directory", str(self.folder)]
        args = [self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard", *folder]
        process = _start(self.opened, "dask_worker", args, begin, log)
        wait_until(lambda: "Registered to" in log.read_text(), "the worker joins")
        return process.pid


@contextmanager
def dask_cluster(folder: Path, begin: str = "") -> Iterator[DaskCluster]:
    """Start a scheduler on a free port; a part whose worker dies is given up at once.

    Args:
        folder: for its log and the workers' files.
        begin: Python that it runs first.
    """
    log = folder / "dask_scheduler.log"
    args = ["--host", "127.0.0.1", "--port", "0", "--dashboard-address", "127.0.0.1:0"]
    with ExitStack() as opened:
        process = _start(opened, "dask_scheduler", args, begin, log)

        def address() -> str:
            return "".join(re.findall(r"Scheduler at: +(tcp://\S+)", log.read_text()))

        wait_until(lambda: bool(address()), "the scheduler listens")
        yield DaskCluster(address(), process, folder, opened)


def _start(
    opened: ExitStack, program: str, args: list[str], begin: str, log: Path
) -> subprocess.Popen[bytes]:
    code = f"{begin}from distributed.cli.{program} import main; main()"
    environ = {**os.environ, "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    with log.open("ab") as written:
        process = subprocess.Popen(
            [sys.executable, "-c", code, *args],
            cwd=log.parent,
            env={**environ, "PYTHONPATH": f"{ROOT}"},
            stdout=written,
            stderr=written,
        )
    opened.callback(process.wait)
    opened.callback(process.kill)
    return process


class HeldFile:
    """A pipe in place of a file: whoever reads it is at work until it gets the content.

    Args:
        path: of the pipe, which is made, with its folder.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(exist_ok=True)
        os.mkfifo(path)
        self.path = path
        # For reading, too: so it opens at once, and no reader finds its end before the content.
        self._end = os.open(path, os.O_RDWR)

    def reader(self, but: int = 0) -> int:
        """Wait for a process that reads it, and return it.

        Args:
            but: a process that did so before.
        """
        wait_until(lambda: bool(self._readers() - {but}), "a process reads the file")
        return max(self._readers() - {but})

    def write(self, content: bytes) -> None:
        """Give the reader the content and the end of the file."""
        with os.fdopen(self._end, "wb") as file:
            file.write(content)

    def _readers(self) -> set[int]:
        found = set()
        for process in Path("/proc").glob("[0-9]*"):
            try:
                links = [str(link.readlink()) for link in (process / "fd").iterdir()]
            except OSError:  # it has ended
                continue
            if str(self.path) in links and int(process.name) != os.getpid():
                found.add(int(process.name))
        return found
