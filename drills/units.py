"""The units of the drills' stack: database, cache and service, run by the supervisor."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import redis

from app.access import key_file
from app.access.scopes import SCOPES
from drills.supervisor import Supervisor, Unit
from tools.databases import new_cluster, up
from tools.ports import free_port
from tools.servers import program, unavailable

WORKERS = 2

MOST_CONNECTIONS = 40
"""Of PostgreSQL; each worker keeps up to 8."""

REDIS_DISK = "24m"
"""The disk that Redis writes its entries to."""


def make_environment(
    folder: Path, checkout: Path, programs: Path
) -> tuple[dict[str, str], dict[str, str]]:
    """Make the keys, and the variables of the service and of its operators' shells."""
    file, prometheus_key = folder / "keys.yaml", folder / "prometheus.key"
    keys = {"reader": key_file.add(file, "reader", SCOPES)}
    keys["load"] = key_file.add(file, "load", ("predict",))
    prometheus_key.write_text(key_file.add(file, "prometheus", ("operate",)) + "\n")
    (folder / ".curlrc").write_text(f'header = "Authorization: Bearer {keys["reader"]}"\n')
    environ = {
        "PATH": os.pathsep.join(
            (str(programs), str(Path(sys.executable).parent), os.environ["PATH"])
        ),
        "PYTHONPATH": str(checkout),
        "CURL_HOME": str(folder),  # the reader's own key
        "API_KEYS_FILE": str(file),
        "PROMETHEUS_KEY_FILE": str(prometheus_key),
        "API": f"http://127.0.0.1:{free_port()}",
        "TRUSTED_PROXIES": "1",
        "WEB_CONCURRENCY": str(WORKERS),
    }
    return environ, keys


def make_postgresql(folder: Path, supervisor: Supervisor) -> tuple[Unit, str]:
    """A PostgreSQL with few connections, and its superuser's address of the service's database."""
    home = folder / "postgresql"
    home.mkdir()
    port = free_port()
    command = new_cluster(home, port, f"max_connections={MOST_CONNECTIONS}")
    url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
    unit = Unit(
        "postgresql",
        command,
        home / "log",
        home,
        ends_by=signal.SIGINT,  # as Debian's unit does: without waiting for who is connected
        ready=lambda: up(url),
    )
    return supervisor.add(unit), f"postgresql://postgres@127.0.0.1:{port}/churn"


def make_redis(
    folder: Path, supervisor: Supervisor, environ: dict[str, str], later: ExitStack
) -> Unit:
    """A Redis that writes to a small disk of its own."""
    disk = folder / "redis"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={REDIS_DISK}", "tmpfs", str(disk)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        unavailable(f"no disk can be mounted for Redis: {mounted.stderr.strip()}")
    later.callback(subprocess.run, ["umount", "--lazy", str(disk)], check=False)
    port = free_port()
    environ["CACHE_URL"] = f"redis://127.0.0.1:{port}/0"
    command = [program("redis-server"), "--port", str(port), "--dir", str(disk)]
    command += ["--save", "30 1", "--maxmemory-policy", "allkeys-lru"]
    client = redis.Redis(port=port, socket_timeout=2)

    def answers_ping() -> bool:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False

    return supervisor.add(
        Unit("redis-server", command, folder / "redis.log", disk, ready=answers_ping)
    )


def make_service(
    folder: Path, checkout: Path, supervisor: Supervisor, environ: dict[str, str]
) -> Unit:
    """The service, and the command `churn` of its installation."""
    port = environ["API"].rpartition(":")[2]
    churn = [sys.executable, "-m", "app.cli.main"]
    supervisor.program("churn", f'exec {" ".join(churn)} "$@"')
    command = [*churn, "serve", "--port", port]
    return supervisor.add(Unit("churn", command, folder / "churn.log", checkout, environ))
