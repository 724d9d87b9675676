"""Real servers for tests and figures: each on a free loopback port, each stopped by pid."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from unittest import SkipTest

from tools.ports import free_port

ROOT = Path(__file__).parent.parent

COMMAND_SECONDS = 300
"""Seconds after which a command counts as hanging; none takes nearly as long."""

PATIENCE_SECONDS = 120
"""Seconds to wait for a condition, enough for a noisy machine."""


class ServerError(Exception):
    """A server did not start, answer or stop as it should; the message has its log."""


@dataclass
class Server:
    """A running server: its address, its process, its log."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path


def churn(*args: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the console command as a shell would."""
    return subprocess.run(
        [sys.executable, "-m", "app.cli.main", *args],
        cwd=ROOT,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        check=False,
    )


def tree() -> list[str]:
    """List the files of the checkout, committed or not ignored, relative to its root."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def children(pid: int) -> list[int]:
    """The processes that a process has started: of a server, its workers."""
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def program(name: str, *folders: str) -> str:
    """The path of an installed program.

    Raises:
        SkipTest, ServerError: it is not installed; as `unavailable` does.
    """
    path = shutil.which(name, path=os.pathsep.join((os.environ["PATH"], *folders)))
    if path is None:
        unavailable(f"{name} is not installed (make test installs it where apt can)")
    return path


def unavailable(message: str) -> NoReturn:
    """Skip, or fail in CI, because this machine lacks something.

    Raises:
        SkipTest: pytest skips the test that needs it.
        ServerError: where `CI=true`, for there nothing may be skipped.
    """
    raise ServerError(message) if os.environ.get("CI") == "true" else SkipTest(message)


def wait_until(ready: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Poll until `ready`.

    Raises:
        ServerError: it was not in time; the message says what was waited for.
    """
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise ServerError(f"{what}: not within {seconds} s")
        time.sleep(0.02)  # the interval of a poll, not a guess at a duration


def wait_for(
    process: subprocess.Popen[bytes],
    log: Path,
    ready: Callable[[], bool],
    what: str,
    seconds: float = PATIENCE_SECONDS,
) -> None:
    """Poll until a server is ready.

    Raises:
        ServerError: it has ended, or was not ready in time.
    """

    def up() -> bool:
        if process.poll() is not None:
            raise ServerError(f"{what}: it ended at start:\n{log.read_text(errors='replace')}")
        return ready()

    wait_until(up, what, seconds)


def answers(url: str) -> bool:
    """Whether something answers HTTP there."""
    try:
        urllib.request.urlopen(url, timeout=PATIENCE_SECONDS).close()  # noqa: S310 - ours
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def ready(url: str) -> bool:
    """Whether 200 is answered there."""
    try:
        return fetch(url)[0] == 200
    except OSError:
        return False


@contextmanager
def running(
    command: list[str], log: Path, environ: Mapping[str, str] | None = None, cwd: Path = ROOT
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server's process, and stop it at the end."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env={**os.environ, **(environ or {})},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                said = log.read_text(errors="replace")
                raise ServerError(f"{command[0]} did not stop:\n{said}") from None


@contextmanager
def gunicorn(
    folder: Path,
    host: str = "127.0.0.1",
    cwd: Path = ROOT,
    port: int | None = None,
    before: Sequence[str] = (),
    **environ: str,
) -> Iterator[Server]:
    """The service as `churn serve` starts it, with these environment variables.

    Args:
        folder: for its log.
        host: where it listens; it must include the loopback, whose address is given back.
        cwd: where the command is run.
        port: where it listens; none: a free one.
        before: what to put before the command, such as a program that changes its surroundings.
        environ: variables.
    """
    port = port or free_port()
    log = folder / "gunicorn.log"
    command = [*before, sys.executable, "-m", "app.cli.main", "serve"]
    command += ["--host", host, "--port", str(port)]
    with running(command, log, environ, cwd) as process:
        url = f"http://127.0.0.1:{port}"
        wait_for(process, log, lambda: answers(f"{url}/health/live"), "the server answers")
        yield Server(url, process, log)
    if "Logging error" in (said := log.read_text(errors="replace")):
        raise ServerError(f"a line could not be logged:\n{said}")


def fetch(url: str, body: object = None, **headers: str) -> tuple[int, str]:
    """Status and text of a GET, or of a POST of a JSON body."""
    data = None if body is None else json.dumps(body).encode()
    kind = {} if body is None else {"Content-Type": "application/json"}
    request = urllib.request.Request(url, data, kind | headers)  # noqa: S310 - our own server
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as response:  # noqa: S310
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
