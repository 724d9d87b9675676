"""Units that are started and stopped as systemd does it, for `systemctl` in the runbooks."""

from __future__ import annotations

import os
import shlex
import signal
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from drills.priority import prefer
from tools.servers import ROOT, ServerError, children, wait_for, wait_until

STOP_SECONDS = 8.0
"""How long a unit may take to stop before its processes are killed."""

PRIORITY = -20
"""The niceness of units."""


@dataclass
class Unit:
    """A server's process and those that it started."""

    name: str
    command: list[str]
    log: Path
    cwd: Path
    environ: Mapping[str, str] = field(default_factory=dict)
    ends_by: signal.Signals = signal.SIGTERM
    ready: Callable[[], bool] = lambda: True
    """What `start` waits for; the default is a unit of systemd's type simple."""

    process: subprocess.Popen[bytes] | None = None
    _left: set[int] = field(default_factory=set)

    @property
    def pid(self) -> int:
        """The main process, which runs or was the last to run."""
        if self.process is None:
            raise LookupError(f"{self.name} was never started")
        return self.process.pid

    def tree(self) -> list[int]:
        """Return its processes, the main one first; empty if it doesn't run."""
        if self.process is None or self.process.poll() is not None:
            return []
        found = [self.process.pid]
        for pid in found:
            with suppress(OSError):  # it has ended
                found += children(pid)
        return found

    def send(self, what: signal.Signals) -> None:
        """Send a signal to all processes, the main one first: once stopped, it starts no others."""
        for pid in self.tree()[:1]:
            os.kill(pid, what)
        for pid in self.tree()[1:]:
            with suppress(ProcessLookupError):
                os.kill(pid, what)

    def start(self) -> None:
        """Start it unless it runs, and wait until it is ready."""
        if self.tree():
            return
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.cwd,
                env={**os.environ, **self.environ},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        prefer(self.process.pid, PRIORITY)
        wait_for(self.process, self.log, self.ready, f"{self.name} is ready")

    def stop(self) -> None:
        """Tell it to end, let stopped processes continue, and kill what is left after a while."""
        left = self.tree()
        if self.process is None:
            return
        for pid in left[:1]:
            os.kill(pid, self.ends_by)
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        deadline = time.monotonic() + STOP_SECONDS
        while any(map(alive, left)) and time.monotonic() < deadline:
            self.process.poll()
            time.sleep(0.02)  # the interval of a poll
        left = [pid for pid in {*left, *self.tree()} if alive(pid)]  # it may have started others
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        wait_until(lambda: not any(map(alive, left)), f"{self.name} has ended")

    def kill(self) -> None:
        """Kill all its processes at once."""
        for pid in self.tree():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self.process:
            self.process.wait()


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and wasn't waited for doesn't."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


class Supervisor:
    """The units of a stack, and the `systemctl` and `journalctl` that know them.

    Args:
        folder: for the programs and the socket between them and us.
    """

    def __init__(self, folder: Path) -> None:
        self.units: dict[str, Unit] = {}
        self.programs = folder / "bin"
        self.programs.mkdir()
        self._socket = folder / "systemd"
        self._lock = threading.Lock()

    def add(self, unit: Unit) -> Unit:
        """Know a unit by its name."""
        self.units[unit.name] = unit
        return unit

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Answer `systemctl` while the block runs, and stop all units at its end."""
        client = [sys.executable, "-I", "-S", str(ROOT / "drills" / "systemctl.py")]
        self.program("systemctl", f'exec {shlex.join([*client, str(self._socket)])} "$@"')
        logs = "\n".join(f"{u.name}) cat {shlex.quote(str(u.log))};;" for u in self.units.values())
        self.program(
            "journalctl",
            'while [ $# -gt 0 ]; do [ "$1" = -u ] && unit=$2; shift; done\n'
            f'case "$unit" in\n{logs}\n*) echo "no unit $unit" >&2; exit 1;;\nesac',
        )
        supervisor = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                words = self.rfile.readline().decode().split()
                status, said = supervisor.run(words)
                with suppress(OSError):  # who asked has gone
                    self.wfile.write(f"{status}\n{said}".encode())

        with ExitStack() as later:
            for unit in self.units.values():
                later.callback(unit.stop)  # each, whatever another one's stop raises
            server = socketserver.ThreadingUnixStreamServer(str(self._socket), Handler)
            later.callback(later.enter_context(server).shutdown)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield

    def program(self, name: str, script: str) -> None:
        """Write a program that the reader of a runbook calls."""
        file = self.programs / name
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)

    def run(self, words: list[str]) -> tuple[int, str]:
        """Do what `systemctl` was asked for; return its status and words, as systemd's are."""
        words = [word for word in words if not word.startswith("-")]
        if len(words) < 2 or words[0] not in {"start", "stop", "restart", "status"}:
            return 1, f"Unknown command verb {' '.join(words)}."
        verb, *names = words
        for name in names:
            unit = self.units.get(name.removesuffix(".service"))
            if unit is None:
                return 5, f"Unit {name} not found."
            with self._lock:
                if verb == "status":
                    return (0, f"{name}: active") if unit.tree() else (3, f"{name}: inactive")
                try:
                    if verb in {"stop", "restart"}:
                        unit.stop()
                    if verb in {"start", "restart"}:
                        unit.start()
                except ServerError as error:
                    return 1, f"Job for {name} failed: {error}"
        return 0, ""
