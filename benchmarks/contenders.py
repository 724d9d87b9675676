"""Servers to measure, each on one core and a free port."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tools.cores import SERVER_CORE, on_core
from tools.ports import free_port

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Contender:
    """A server to measure: its name in the tables and the command that starts it at {port}."""

    name: str
    command: tuple[str, ...]
    environ: Mapping[str, str] = field(default_factory=dict)
    path: str = ""
    """Where it is asked, if not where the others are."""
    body: object = None
    """What is posted to it, if not what is posted to the others."""
    key: str = ""
    """Sent with each request, if it needs one."""


def gunicorn(application: str, *options: str) -> tuple[str, ...]:
    """One worker of gunicorn, configured as shipped but for the options."""
    return (
        str(Path(sys.executable).with_name("gunicorn")),
        *("-c", "gunicorn.conf.py", "-w", "1", "-b", "127.0.0.1:{port}", *options, application),
    )


def uvicorn(application: str) -> tuple[str, ...]:
    """One uvicorn process with its C parser and loop, no access log."""
    return (
        *(sys.executable, "-m", "uvicorn", application, "--port", "{port}"),
        *("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"),
    )


@contextmanager
def running(contender: Contender) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Start a server, which may not answer yet; yields its address and its process."""
    port = str(free_port())
    with on_core(SERVER_CORE):
        process = subprocess.Popen(
            [part.format(port=port) for part in contender.command],
            cwd=ROOT,
            env={
                **os.environ,
                "OMP_NUM_THREADS": "1",
                "PYTHONDONTWRITEBYTECODE": "",
                **contender.environ,
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    try:
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.terminate()
        process.wait(30)


def wait(url: str) -> None:
    """Until a server answers; ends the program where it does not within two minutes."""
    deadline = time.monotonic() + 120
    while True:
        try:
            urllib.request.urlopen(url, timeout=60).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise SystemExit(f"{url} does not answer") from None
            time.sleep(0.05)
