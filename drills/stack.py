"""The one stack that all drills of a run share: the service and everything around it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import redis

from drills import watching
from drills.checkout import make_checkout
from drills.customers import customers_file, expected_probabilities, stored_digest
from drills.supervisor import Supervisor, Unit
from drills.traffic import Traffic
from drills.units import make_environment, make_postgresql, make_redis, make_service
from tools.nginx import nginx_before
from tools.servers import COMMAND_SECONDS, ready, wait_until

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
        shell = ["bash", "-c", command]
        try:
            return subprocess.run(
                shell,
                cwd=self.checkout,
                env={**os.environ, **self.environ},
                input=said,
                capture_output=True,
                text=True,
                timeout=COMMAND_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            late = f"it has not ended after {COMMAND_SECONDS} s"
            return subprocess.CompletedProcess(shell, 124, "", late)

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
        environ, keys = make_environment(folder, checkout, supervisor.programs)
        postgresql, admin_url = make_postgresql(folder, supervisor)
        cache = make_redis(folder, supervisor, environ, later)
        churn = make_service(folder, checkout, supervisor, environ)
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
            folder, checkout, supervisor, churn, postgresql, cache, environ, url, keys["reader"],
            admin_url, {}, seen, Traffic(url, "", {}, {}),
        )  # fmt: skip
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
