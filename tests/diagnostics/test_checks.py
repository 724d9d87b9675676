"""The checks together: in a shell, over HTTP, and what they read of processes."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.config import GUNICORN_CONFIGURATION
from app.diagnostics import processes
from app.diagnostics.check_runs import CheckRuns
from app.diagnostics.checks import (
    GROUPS,
    check_digest,
    model_checks,
    names,
    service_checks,
    service_look,
)
from app.diagnostics.checks.check_result import CheckResult
from app.diagnostics.commands import diagnose
from app.services import services_of
from tests.problems import assert_problem
from tools.databases import PostgreSQL
from tools.ports import free_port
from tools.servers import ROOT, Server, answers, children, running, wait_for, wait_until

Churn = Callable[..., Any]


def test_a_healthy_system_has_no_finding(churn: Churn, server: Server) -> None:
    """Overdue reviews depend on the date, not on the system."""

    def sound() -> bool:
        done = churn("diagnose")
        lines = [line.partition(":")[0].split() for line in done.stdout.splitlines()]
        states = {name: state for state, name in lines}
        assert list(states) == names()
        of_the_day = states.pop("documents.overdue")
        assert done.returncode == ("FINDING" in (*states.values(), of_the_day))
        return set(states.values()) == {"ok"}

    # A busy machine may leave the service too little time in the second that is measured.
    wait_until(sound, "no finding")


def test_before_the_first_start_it_says_what_makes_the_database(
    churn: Churn, tmp_path: Path, cluster: PostgreSQL
) -> None:
    """Checking creates nothing."""
    file = tmp_path / "data" / "churn.sqlite3"
    tables = tmp_path / "no tables.sqlite3"
    tables.touch()
    for url, missing in (
        (f"sqlite:///{file}", "there is no database yet: churn database upgrade makes one"),
        (f"sqlite:///{tables}", "the database has no tables yet: churn database upgrade makes"),
        (cluster.new(), "the database has no tables yet: churn database upgrade makes them"),
    ):
        done = churn("diagnose", "database", DATABASE_URL=url)
        assert done.returncode == 1
        assert f"database.frozen: {missing}" in done.stdout
    refused = churn("customers", "load", "model/sample_customers.csv", DATABASE_URL=url)
    assert refused.returncode == 1
    assert missing in refused.stderr
    assert not file.parent.exists()
    assert churn("database", "upgrade", DATABASE_URL=f"sqlite:///{file}").returncode == 0
    assert churn("diagnose", "database", DATABASE_URL=f"sqlite:///{file}").returncode == 0


def test_what_ended_meanwhile_is_left_out(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that has ended at the second sample doesn't affect the others."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    me = os.getpid()
    assert processes.queued({gone.pid}) is None
    assert processes.processor_seconds(gone.pid) is None
    assert processes.silence(gone.pid) is None
    assert not processes.is_stopped(gone.pid)
    monkeypatch.setattr(processes, "workers", lambda: {me: me, gone.pid: me})
    with app.app_context():
        found = service_look.look()
    assert [worker.share is None for worker in found.workers if worker.pid == gone.pid] == [True]
    assert service_checks.saturated(found).measured.count("%") == 1
    monkeypatch.setattr(processes, "_metrics_folder", lambda _: "/nowhere")
    assert processes.samples() == {}


def test_a_program_that_starts_the_server_is_no_server(tmp_path: Path) -> None:
    """Its command line names the same configuration."""
    port = free_port()
    command = ["timeout", "600", sys.executable, "-m", "gunicorn", "--pythonpath", str(ROOT)]
    command += ["-c", str(GUNICORN_CONFIGURATION), "-b", f"127.0.0.1:{port}", "wsgi:app"]
    log = tmp_path / "log"
    with running(command, log, {"WEB_CONCURRENCY": "1"}) as starter:
        wait_for(starter, log, lambda: answers(f"http://127.0.0.1:{port}/health/live"), "answers")
        (server,) = children(starter.pid)
        (worker,) = children(server)
        found = processes.workers()
        assert found[worker] == server
        assert server not in found


@pytest.mark.parametrize("overdue", [True, False])
def test_an_overdue_review_is_a_finding_since_the_day_after(
    app: Flask, monkeypatch: pytest.MonkeyPatch, overdue: bool
) -> None:
    document = SimpleNamespace(
        slug="service-down", review_by=date(2026, 11, 23), is_overdue=lambda today: overdue
    )
    monkeypatch.setattr(services_of(app), "library", lambda: [document])
    monkeypatch.setattr(services_of(app), "checks", CheckRuns(app, 60))  # without earlier results
    found = app.test_client().get("/diagnostics/documents.overdue").get_json()
    assert found["ok"] is not overdue
    assert found["measured"] == ("1 overdue: service-down" if overdue else "0 overdue")
    assert found["since"] == ("2026-11-24T00:00:00Z" if overdue else None)


def test_the_shell_shows_since_when(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of today, or the day too."""
    today = datetime.now(UTC).replace(hour=3, minute=12, second=8)
    for since, words in ((today, ", since 03:12:08 UTC"), (today.replace(2025), ", since 2025-")):
        found = CheckResult(False, "seen", "not seen", since)
        monkeypatch.setitem(GROUPS["model"].checks, "pointer", lambda _, found=found: found)
        monkeypatch.setattr(services_of(app), "checks", CheckRuns(app, 60))
        done = app.test_cli_runner().invoke(diagnose, ["model.pointer"])
        assert done.exit_code == 1
        assert done.output.startswith(f"FINDING  model.pointer: seen{words}")
        assert done.output.endswith(" UTC (expected: not seen)\n")


def test_a_digest_changes_with_the_code_of_a_check() -> None:
    """That of a group with the code of any of its checks."""
    source = Path(model_checks.__file__).read_bytes()
    assert check_digest("model.pointer") == hashlib.sha256(source).hexdigest()
    assert len({check_digest(name) for name in GROUPS}) == len(GROUPS)
    with pytest.raises(KeyError):
        check_digest("weather")


def test_what_a_process_computes_is_counted() -> None:
    """The kernel measures it, whatever processor time the machine gives."""
    me = os.getpid()
    before = processes.processor_seconds(me)
    assert before is not None

    def computed() -> bool:
        sum(range(1_000_000))
        return (processes.processor_seconds(me) or 0) > before

    wait_until(computed, "processor time")


def test_over_http(client: FlaskClient) -> None:
    everything = client.get("/diagnostics").get_json()
    assert [check["name"] for check in everything["checks"]] == names()
    assert client.get("/diagnostics/model").get_json()["ok"] is True
    assert client.get("/diagnostics/model.damaged").get_json()["name"] == "model.damaged"
    assert_problem(client.get("/diagnostics/weather"), 404, "not-found")
