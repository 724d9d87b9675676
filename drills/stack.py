"""The one stack that all drills of a run share: the service and everything around it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import redis

from app.access import key_file
from app.access.scopes import SCOPES
from drills import watching
from drills.checkout import make_checkout
from drills.customers import customers_file, expected_probabilities, stored_digest
from drills.supervisor import Supervisor, Unit
from drills.traffic import Traffic
from tools.databases import new_cluster, up
from tools.nginx import nginx_before
from tools.ports import free_port
from tools.servers import COMMAND_SECONDS, program, ready, unavailable, wait_until

WORKERS = 2

MOST_CONNECTIONS = 40
"""Of PostgreSQL; each worker keeps up to 8."""

REDIS_DISK = "24m"
"""The disk that Redis writes its entries to."""

KEPT = 24 * 3600
"""Seconds that entries of the cache are kept here, where a minute of the alerts is a second:
otherwise all that were put there together would expire together in the middle of a drill."""

_ROLE = """
CREATE ROLE churn LOGIN;
GRANT pg_monitor, pg_signal_backend TO churn;
CREATE DATABASE churn OWNER churn;
CREATE ROLE reporting LOGIN;
GRANT pg_read_all_data TO reporting
"""


@dataclass
class Stack:
    """A running service with database, cache, proxy, alerts and load."""

    folder: Path
    checkout: Path
    supervisor: Supervisor
    churn: Unit
    postgresql: Unit
    redis_server: Unit
    environ: dict[str, str]
    """Of the service and of the shells that a runbook's reader opens."""

    url: str
    """Where the service is reached: the proxy's address."""

    key: str
    """A key with every scope."""

    admin_url: str
    customers: dict[str, dict[str, Any]]
    watching: watching.Watching
    traffic: Traffic

    @property
    def releases(self) -> Path:
        """The folder of the model's releases."""
        return self.checkout / "model" / "releases"

    @property
    def mirror(self) -> Path:
        """The folder of the handbook's static pages."""
        return self.folder / "mirror"

    @property
    def others_url(self) -> str:
        """The database for another application, which may only read."""
        return self.environ["DATABASE_URL"].replace("churn@", "reporting@")

    @property
    def cache(self) -> redis.Redis:
        """A client of Redis."""
        return redis.Redis.from_url(self.environ["CACHE_URL"], socket_timeout=5)

    def shell(self, command: str, said: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command as a runbook's reader does, in the service's folder.

        Args:
            command: for bash.
            said: what the reader types if the command asks.
        """
        return subprocess.run(
            ["bash", "-c", command],
            cwd=self.checkout,
            env={**os.environ, **self.environ},
            input=said,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )

    def succeeds(self, command: str) -> str:
        """Run a command that must succeed.

        Raises:
            LookupError: it doesn't.
        """
        done = self.shell(command)
        if done.returncode:
            raise LookupError(f"{command}: {done.stderr or done.stdout}")
        return done.stdout

    def findings(self) -> list[str]:
        """Return what the checks find, each with its name and what it measured."""
        done = self.shell("churn diagnose --json")
        return [f"{c['name']}: {c['measured']}" for c in json.loads(done.stdout) if not c["ok"]]

    def churn_signal(self, what: signal.Signals) -> None:
        """Send a signal to the service's main process, if it runs."""
        for pid in self.churn.tree()[:1]:
            os.kill(pid, what)

    def workers(self) -> list[int]:
        """Return the processes of the service's workers."""
        return self.churn.tree()[1:]

    def keep_entries(self) -> None:
        """Let the cache's entries live as long as the drills; see `KEPT`."""
        client = self.cache
        keys = list(client.scan_iter("churn:*", 1000))
        pipe = client.pipeline(transaction=False)
        for key in keys:
            pipe.expire(key, KEPT)
        pipe.execute()

    def fill_cache(self) -> None:
        """Put every customer into the cache."""
        self.succeeds("churn cache warm")
        self.keep_entries()

    def customers_digest(self) -> str:
        """Return the digest of all stored customers."""
        return stored_digest(self.admin_url)


@contextmanager
def stack(minute: float = watching.MINUTE) -> Iterator[Stack]:
    """Start everything, wait until it is sound, and stop it at the end.

    Args:
        minute: seconds that stand for a minute in the alert rules.
    """
    with ExitStack() as later:
        folder = Path(tempfile.mkdtemp(prefix="churn-drills-"))
        later.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o755)  # PostgreSQL's user reads its folder in it
        checkout = folder / "churn"
        make_checkout(checkout)
        supervisor = Supervisor(folder)
        environ, keys = _environment(folder, checkout, supervisor.programs)
        postgresql, admin_url = _postgresql(folder, supervisor)
        cache = _redis(folder, supervisor, environ, later)
        churn = _service(folder, checkout, supervisor, environ)
        environ["ADMIN_DATABASE_URL"] = admin_url
        later.enter_context(supervisor.listening())
        postgresql.start()
        with psycopg.connect(admin_url.replace("/churn", "/postgres"), autocommit=True) as admin:
            for statement in _ROLE.split(";"):
                admin.execute(statement)
        cache.start()
        environ["DATABASE_URL"] = admin_url.replace("postgres@", "churn@")
        url = later.enter_context(nginx_before(folder, (environ["API"],) * 2))
        text = watching.rules(url, folder / "mirror", minute)
        key_path = Path(environ["PROMETHEUS_KEY_FILE"])
        seen = later.enter_context(watching.watching(folder, environ["API"], key_path, text))
        environ["PROMETHEUS_URL"], environ["ALERTMANAGER_URL"] = seen.prometheus, seen.alertmanager
        found = Stack(
            folder,
            checkout,
            supervisor,
            churn,
            postgresql,
            cache,
            environ,
            url,
            keys["reader"],
            admin_url,
            {},
            seen,
            Traffic(url, "", {}, {}),
        )
        found.succeeds("churn database upgrade")
        file = customers_file(folder)
        found.succeeds(f"churn customers load {file}")
        found.cache.flushall()  # a loaded customer isn't cached for some seconds
        found.succeeds(f"churn handbook build --address {url} {found.mirror}")
        churn.environ = environ
        churn.start()
        wait_until(lambda: ready(f"{environ['API']}/health/ready"), "the service is ready")
        found.fill_cache()
        found.customers, expected = expected_probabilities(admin_url, found.releases)
        found.traffic = Traffic(url, keys["load"], found.customers, expected)
        later.enter_context(found.traffic.running())
        yield found


def _environment(
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


def _postgresql(folder: Path, supervisor: Supervisor) -> tuple[Unit, str]:
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


def _redis(folder: Path, supervisor: Supervisor, environ: dict[str, str], later: ExitStack) -> Unit:
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


def _service(folder: Path, checkout: Path, supervisor: Supervisor, environ: dict[str, str]) -> Unit:
    """The service, and the command `churn` of its installation."""
    port = environ["API"].rpartition(":")[2]
    churn = [sys.executable, "-m", "app.cli.main"]
    supervisor.program("churn", f'exec {" ".join(churn)} "$@"')
    command = [*churn, "serve", "--port", port]
    return supervisor.add(Unit("churn", command, folder / "churn.log", checkout, environ))
