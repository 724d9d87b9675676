"""The folder of a server's metrics: gone with its server, and no danger to it when it is full."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from tools.ports import free_port
from tools.servers import (
    Server,
    answers,
    children,
    fetch,
    gunicorn,
    running,
    unavailable,
    wait_for,
    wait_until,
)
from tools.worker_metrics import metrics_folder, samples

PAGES = ("/runbooks", "/adrs", "/guides", "/models", "/health/ready", "/nowhere", "/predict/batch")


def test_the_folder_of_a_killed_server_is_removed_by_a_later_start(tmp_path: Path) -> None:
    """But not while one of its workers lives, and never that of another server."""
    with ExitStack() as stack:

        def start(name: str) -> Server:
            folder = tmp_path / name
            folder.mkdir()
            return stack.enter_context(gunicorn(folder, WEB_CONCURRENCY="1"))

        killed = start("killed")
        left = metrics_folder(killed)
        (worker,) = children(killed.process.pid)
        os.kill(worker, signal.SIGSTOP)
        killed.process.kill()
        killed.process.wait()
        other = start("other")
        assert left.exists()
        os.kill(worker, signal.SIGCONT)
        wait_until(lambda: not Path(f"/proc/{worker}").exists(), "the worker ends")
        start("later")
        assert not left.exists()
        assert metrics_folder(other).exists()
        assert samples(other)


@contextmanager
def small(folder: Path, filled: bool) -> Iterator[tuple[Server, Path]]:
    """A server whose shared memory has 4 MiB, and its path to that."""
    if os.geteuid() != 0:
        unavailable("only root can mount a file system")
    port = free_port()
    script = "mount -t tmpfs -o size=4m tmpfs /dev/shm; "
    script += "cat /dev/zero >/dev/shm/fill 2>/dev/null; " if filled else ""
    command = ["unshare", "--mount", "sh", "-c", f'{script} exec "$@"', "sh"]
    command += [sys.executable, "-m", "app.cli.main", "serve", "--port", str(port)]
    log, url = folder / "log", f"http://127.0.0.1:{port}"
    with running(command, log, {"WEB_CONCURRENCY": "2", "LOG_LEVEL": "WARNING"}) as process:
        wait_for(process, log, lambda: answers(f"{url}/health/live"), "the server answers")
        wait_until(lambda: len(children(process.pid)) == 2, "both workers")
        yield Server(url, process, log), Path(f"/proc/{process.pid}/root/dev/shm")


def answered(server: Server) -> set[int]:
    """The statuses of pages, asked often enough for each worker to answer each."""
    return {fetch(server.url + page)[0] for page in PAGES for _ in range(6)}


@pytest.mark.parametrize("filled", [True, False], ids=["at the start", "meanwhile"])
def test_full_shared_memory_costs_metrics_at_most(tmp_path: Path, filled: bool) -> None:
    """At the start another folder is taken; later new workers say that they can't be counted."""
    with small(tmp_path, filled) as (server, memory):
        if filled:
            assert metrics_folder(server).parent == Path(tempfile.gettempdir())
        else:
            with suppress(OSError), (memory / "fill").open("wb") as file:
                while True:
                    file.write(bytes(1024))
            first = set(children(server.process.pid))
            os.kill(min(first), signal.SIGKILL)
            os.kill(server.process.pid, signal.SIGHUP)
            wait_until(lambda: server.log.read_text().count("no space in") >= 2, "new workers")
            wait_until(lambda: not first & set(children(server.process.pid)), "the first end")
        before = set(children(server.process.pid))
        assert answered(server) == {200, 404, 405}
        assert fetch(f"{server.url}/metrics")[0] == 200
        if filled:
            assert samples(server)["churn_workers", frozenset()] == 2
        assert set(children(server.process.pid)) == before
    log = server.log.read_text()
    assert "SIGBUS" not in log
    assert ("no space in /dev/shm/churn-metrics-" in log) is not filled
