"""A nameserver that never answers delays nothing beyond the limits of the parts it would name.

Its resolver waits 150 seconds, longer than a test does for a request, a command or an end.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.prediction_bodies import REQUIRED
from tools.nameserver import nameserver
from tools.servers import PATIENCE_SECONDS, ROOT, fetch, gunicorn

NAMES = {
    "DATABASE_URL": "postgresql://churn@database.churn.example/churn",
    "CACHE_URL": "redis://cache.churn.example/0",
    "PROMETHEUS_URL": "http://prometheus.churn.example",
    "ALERTMANAGER_URL": "http://alertmanager.churn.example",
    "RATE_LIMIT": "1000/second",
}
NEVER_KILLED = {"GUNICORN_CMD_ARGS": "--graceful-timeout 1000"}
"""gunicorn would kill a worker that doesn't end by itself, and say nothing."""

TRACED = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector.churn.example:4318"}

ANSWERS = {
    "/predict": 200,
    "/customers/wa-0010/prediction": 503,
    "/customers/at-risk": 503,
    "/health/live": 200,
    "/health/ready": 200,
    "/runbooks/database-slow-or-down": 200,
    "/runbooks/database-slow-or-down/state.json": 200,
    "/runbooks/database-slow-or-down/drill.json": 200,
    "/diagnostics/database": 200,
    "/diagnostics/cache": 200,
    "/metrics": 200,
}


@pytest.fixture
def before(tmp_path: Path) -> Iterator[list[str]]:
    with nameserver(tmp_path, "options timeout:30 attempts:5") as names:
        names.set("silent")
        yield names.before


@pytest.mark.parametrize(
    "environ",
    [{"WORKER": "loop"}, {"WORKER": "threads"}, {"WORKER": "threads", **TRACED}],
    ids=["loop", "threads", "traced"],
)
def test_every_request_is_answered_and_the_server_ends(
    tmp_path: Path, before: list[str], environ: dict[str, str]
) -> None:
    """More often than there are threads, each of which a name could hold."""
    settings = {"WEB_CONCURRENCY": "1", **NAMES, **NEVER_KILLED, **environ}
    bodies = {path: {"features": REQUIRED} if path == "/predict" else None for path in ANSWERS}
    with gunicorn(tmp_path, before=before, **settings) as server:
        for _ in range(9):
            found = {path: fetch(server.url + path, body)[0] for path, body in bodies.items()}
            assert found == ANSWERS


COMMANDS = {
    "database upgrade": "database: no answer within 10 s",
    "database queries": "database: no answer within 10 s",
    "customers load model/sample_customers.csv": "database: no answer within 10 s",
    "customers score": "database: no answer within 10 s",
    "cache warm": "database: no answer within 10 s",
    "diagnose cache.down": "cache: no answer within 0.2 s",
    "diagnose database.frozen": "database: no answer within 3 s",
}


def test_every_command_ends_with_a_line(before: list[str]) -> None:
    """All at once, because all they do is wait."""

    def run(command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*before, sys.executable, "-m", "app.cli.main", *command.split()],
            cwd=ROOT,
            env={**os.environ, **NAMES},
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )

    with ThreadPoolExecutor(len(COMMANDS)) as shells:
        done = dict(zip(COMMANDS, shells.map(run, COMMANDS), strict=True))
    for command, said in COMMANDS.items():
        ended = done[command]
        assert (ended.returncode, said in ended.stdout + ended.stderr) == (1, True), ended
        assert "Traceback" not in ended.stderr
