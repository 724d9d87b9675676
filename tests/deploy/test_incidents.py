"""Incidents, from the fault to the end of the alert.

A part of a real system is broken. The alert that belongs to it reaches Alertmanager and names a
page and a heading that exist; the check that the runbook names finds the fault, and every other
check rules itself out; after the runbook's own solution all is well and the alert ends. The rules
are the committed ones with seconds for minutes.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.config import Settings
from app.diagnostics.checks import CHECKS
from scripts import alerts
from tests.prediction_bodies import REQUIRED
from tools.databases import PostgreSQL, postgresql, redis_server
from tools.load_clients import Load, load
from tools.ports import free_port
from tools.prometheus import prometheus
from tools.servers import (
    COMMAND_SECONDS,
    ROOT,
    Server,
    children,
    fetch,
    gunicorn,
    program,
    ready,
    running,
    wait_for,
    wait_until,
)

SOUND = dict.fromkeys((name for name in CHECKS if name != "documents"), True)
"""Overdue reviews depend on the date, not on the system."""

PATIENCE = 180
"""Seconds to wait for an alert to fire or end; the rules take a few."""

REQUESTS: list[tuple[str, str, object]] = [
    ("GET", "/customers/wa-0010/prediction", None),
    ("POST", "/predict", {"features": REQUIRED}),
    ("GET", "/customers/wa-0119/prediction", None),
    ("GET", "/customers/not-there/prediction", None),  # asks the database each time
]


@dataclass
class System:
    """The service and all its parts."""

    server: Server
    environ: dict[str, str]
    postgresql: PostgreSQL
    redis: Redis
    releases: Path
    alertmanager: str

    def churn(self, *args: str) -> subprocess.CompletedProcess[str]:
        """Run the console command where the service runs."""
        return self.shell(" ".join(["churn", *args]))

    def shell(self, command: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
        """Run a command as the runbook's reader does."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(
            ["bash", "-c", command],
            cwd=cwd,
            env={**os.environ, **self.environ, "PATH": path, "API": self.server.url},
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )

    def traffic(self) -> AbstractContextManager[Load]:
        """A few customers' requests, while a block runs."""
        return load(self.server.url, REQUESTS, clients=2, pause=0.05)

    def verdicts(self) -> dict[str, bool]:
        """Return the results of the checks."""
        found = json.loads(self.churn("diagnose", "--json").stdout)
        assert [check["name"] for check in found] == list(CHECKS)
        return {check["name"]: check["ok"] for check in found if check["name"] in SOUND}

    def firing(self) -> dict[str, dict[str, str]]:
        """The annotations of the alerts that Alertmanager has."""
        status, text = fetch(f"{self.alertmanager}/api/v2/alerts?active=true")
        assert status == 200
        return {a["labels"]["alertname"]: a["annotations"] for a in json.loads(text)}


class Redis:
    """A Redis that can be taken away and brought back at the same port."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = free_port()
        self._running: Any = None

    def start(self) -> None:
        self._running = redis_server(self._folder, self.port)
        self._running.__enter__()

    def stop(self) -> None:
        if self._running:
            self._running.__exit__(None, None, None)
        self._running = None


@contextmanager
def watching(folder: Path, service: str) -> Iterator[str]:
    """Prometheus over the service, and the address of an Alertmanager that it tells."""
    listen = f"127.0.0.1:{free_port()}"
    (folder / "alertmanager.yml").write_text("route: {receiver: none}\nreceivers: [{name: none}]\n")
    command = [
        program("prometheus-alertmanager"),
        f"--config.file={folder / 'alertmanager.yml'}",
        f"--storage.path={folder / 'alertmanager'}",
        f"--web.listen-address={listen}",
        "--cluster.listen-address=",
    ]
    rules = alerts.render(service, f"{service}/dashboard", shorter=60)
    log = folder / "alertmanager.log"
    with running(command, log) as process:
        wait_for(process, log, lambda: ready(f"http://{listen}/-/ready"), "Alertmanager is ready")
        with prometheus(folder, service, rules, listen):
            yield f"http://{listen}"


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    folder = tmp_path_factory.mktemp("system")
    repository = folder / "repository"
    shutil.copytree(Settings().model_dir, repository / "releases")
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "A release"]):
        identity = ["-c", "user.name=ML team", "-c", "user.email=ml@example.org"]
        subprocess.run(["git", *identity, *command], cwd=repository, check=True)
    with ExitStack() as stack:
        cluster = stack.enter_context(postgresql())
        redis = Redis(folder)
        redis.start()
        stack.callback(redis.stop)
        environ = {
            "DATABASE_URL": cluster.new(),
            "CACHE_URL": f"redis://127.0.0.1:{redis.port}/0",
            "MODEL_DIR": str(repository / "releases"),
            "WEB_CONCURRENCY": "1",
        }
        server = stack.enter_context(gunicorn(folder, **environ))
        alertmanager = stack.enter_context(watching(folder, server.url))
        found = System(server, environ, cluster, redis, repository / "releases", alertmanager)
        for command in ("database upgrade", f"customers load {ROOT}/model/sample_customers.csv"):
            done = found.churn(*command.split())
            assert done.returncode == 0, done.stderr
        assert found.churn("cache", "warm").returncode == 0
        with found.traffic():
            wait_until(lambda: found.verdicts() == SOUND, "a sound system", PATIENCE)
        yield found


@pytest.fixture(autouse=True)
def traffic(system: System) -> Iterator[None]:
    """Requests while a test runs."""
    with system.traffic():
        yield


def solution(runbook: str, number: int) -> str:
    """The last command in the solution of a cause."""
    text = (ROOT / "runbooks" / f"{runbook}.md").read_text("utf-8")
    cause = re.search(rf"### Cause {number}: .*?(?=\n###? |\Z)", text, re.S)
    assert cause
    remedy = cause[0].partition("**Solution**")[2]
    return re.findall(r"```bash(?: run)?\n(.*?)```", remedy, re.S)[-1]


def check(runbook: str, number: int) -> str:
    """The check of a cause."""
    text = (ROOT / "runbooks" / f"{runbook}.md").read_text("utf-8")
    found = re.search(rf"### Cause {number}: .*?\*\*Check\*\*: `([^`]+)`", text, re.S)
    assert found
    return found[1]


def incident(  # noqa: PLR0917 - one incident
    system: System,
    alert: str,
    runbook: str,
    cause: int,
    inject: Callable[[], object],
    mend: Callable[[], object],
) -> None:
    """Run one incident in a healthy system, from its fault to the end of its alert."""
    command = check(runbook, cause)
    part = command.split()[-1]
    inject()
    annotations: dict[str, dict[str, str]] = {}

    def fires() -> bool:
        annotations.update(system.firing())  # kept: it may end and come again meanwhile
        return alert in annotations

    wait_until(fires, alert, PATIENCE)
    url = annotations[alert]["runbook_url"]
    page, _, heading = url.partition("#")
    assert page.endswith(f"/runbooks/{runbook}")
    status, text = fetch(page)
    assert status == 200
    assert not heading or f'id="{heading}"' in text
    # In the measured second, the machine may have given the service too little time.
    wait_until(lambda: system.shell(command).returncode == 1, f"{command} finds it", PATIENCE)
    faulty = {**SOUND, part: False}
    wait_until(lambda: system.verdicts() == faulty, f"{part} alone at fault", PATIENCE)

    mend()
    wait_until(lambda: system.verdicts() == SOUND, "a sound system again", PATIENCE)
    wait_until(lambda: alert not in system.firing(), f"{alert} ends", PATIENCE)


def test_redis_is_down(system: System) -> None:
    def mend() -> None:
        system.redis.start()
        wait_until(
            lambda: system.shell(solution("cache-miss-storm", 1)).returncode == 0, "the warm-up"
        )

    incident(system, "ChurnApiCacheDown", "cache-miss-storm", 1, system.redis.stop, mend)


def test_the_database_is_frozen(system: System) -> None:
    try:
        incident(
            system,
            "ChurnApiDatabaseDown",
            "database-slow-or-down",
            1,
            lambda: system.postgresql.send(signal.SIGSTOP),
            lambda: system.postgresql.send(signal.SIGCONT),
        )
    finally:
        system.postgresql.send(signal.SIGCONT)  # frozen, it could not be ended either


def test_a_table_is_locked(system: System) -> None:
    """The runbook's command ends the connection that holds the lock."""

    def mend() -> None:
        done = system.shell(solution("database-slow-or-down", 2))
        assert done.returncode == 0, done.stderr
        assert "1 ended" in done.stdout

    with closing(psycopg.connect(system.environ["DATABASE_URL"])) as holder:
        incident(
            system,
            "ChurnApiDatabaseDown",
            "database-slow-or-down",
            2,
            lambda: holder.execute("LOCK TABLE customers"),
            mend,
        )
        with pytest.raises(psycopg.OperationalError):
            holder.execute("SELECT 1")


def test_a_release_is_refused(system: System) -> None:
    def mend() -> None:
        done = system.shell(solution("model-release-refused", 1), system.releases.parent)
        assert done.returncode == 0, done.stderr

    card = system.releases / "1.0.0" / "evaluation.json"
    incident(
        system,
        "ChurnApiReleaseRefused",
        "model-release-refused",
        1,
        lambda: card.write_text("{}"),
        mend,
    )


def test_another_worker_is_added_as_the_runbook_says(system: System) -> None:
    """Where all are busy: `make soak` shows that the check and the alert find it, in seconds."""
    before = workers(system)
    done = system.shell(solution("high-api-latency", 1))
    assert done.returncode == 0, done.stderr
    wait_until(lambda: workers(system) == before + 1, "another worker")
    assert system.churn("workers", "remove").returncode == 0
    wait_until(lambda: workers(system) == before, "the workers of before")
    assert check("high-api-latency", 1).split()[-1] in SOUND


def workers(system: System) -> int:
    """How many there are."""
    return len(children(system.server.process.pid))
