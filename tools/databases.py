"""Real PostgreSQL and Redis for tests: on free loopback ports, stopped by pid."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tools.ports import free_port
from tools.servers import children, program, running, wait_for

POSTGRESQL = "/usr/lib/postgresql/15/bin"


@dataclass
class PostgreSQL:
    """A cluster: its port and its first process."""

    port: int
    process: subprocess.Popen[bytes]
    _numbers: Iterator[int]

    def url(self, name: str = "postgres") -> str:
        """The address of a database."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def new(self) -> str:
        """The address of a new and empty database."""
        name = f"test{next(self._numbers)}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected."""
        name = url.rpartition("/")[2]
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def send(self, what: signal.Signals) -> None:
        """Send a signal to every process, one for each connection included."""
        pid = self.process.pid
        # Not from a list made before: the first process, once stopped, starts no more of them.
        os.kill(pid, what)
        for child in children(pid):
            with suppress(ProcessLookupError):  # it has ended
                os.kill(child, what)


@contextmanager
def postgresql(*options: str) -> Iterator[PostgreSQL]:
    """A new cluster; durability off, for it lives as long as its tests.

    Args:
        options: further settings of the server, as for `new_cluster`.
    """
    folder = Path(tempfile.mkdtemp(prefix="churn-postgresql-"))
    try:
        port = free_port()
        with running(new_cluster(folder, port, *options), folder / "log", cwd=folder) as process:
            cluster = PostgreSQL(port, process, count(1))
            wait_for(process, folder / "log", lambda: up(cluster.url()), "PostgreSQL answers")
            yield cluster
            process.send_signal(signal.SIGINT)  # without waiting for those who are connected
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def new_cluster(folder: Path, port: int, *options: str) -> list[str]:
    """Make a cluster in a folder, and return the command that starts its server.

    Args:
        folder: empty.
        port: where it listens.
        options: further settings of the server, such as `max_connections=20`.
    """
    initdb, postgres = program("initdb", POSTGRESQL), program("postgres", POSTGRESQL)
    command = _as_postgres(folder)
    made = [initdb, "-D", str(folder / "data"), "-U", "postgres", "-A", "trust", "-N"]
    subprocess.run([*command, *made], check=True, capture_output=True, cwd=folder)
    started = [*command, postgres, "-D", str(folder / "data")]
    settings = ["fsync=off", "listen_addresses=127.0.0.1", f"port={port}"]
    for option in (*settings, f"unix_socket_directories={folder}", *options):
        started += ["-c", option]
    return started


def up(url: str) -> bool:
    """Whether a PostgreSQL server accepts connections."""
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _as_postgres(folder: Path) -> list[str]:
    """What to put before a command: PostgreSQL doesn't run as root."""
    if os.geteuid() != 0:
        return []
    user = pwd.getpwnam("postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
    setpriv = program("setpriv")
    return [setpriv, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--"]


def halt(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    """Kill or stop a process, and wait until it no longer answers."""
    process.send_signal(how)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WSTOPPED | os.WNOWAIT)


@contextmanager
def redis_server(folder: Path, port: int) -> Iterator[Any]:
    """A Redis without a file behind it; yields its process."""
    command = [program("redis-server"), "--port", str(port), "--save", "", "--dir", str(folder)]
    log = folder / "redis.log"
    with running(command, log) as process:
        once = Retry(NoBackoff(), 0)  # waiting is `wait_for`'s
        with redis.Redis(port=port, retry=once) as client:

            def up() -> bool:
                try:
                    return bool(client.ping())
                except redis.RedisError:
                    return False

            wait_for(process, log, up, "Redis answers")
        yield process
