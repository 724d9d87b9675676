"""Each check reports its own fault and no other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.config import GUNICORN_CONFIGURATION, Settings
from app.diagnostics import processes
from app.diagnostics.check_runs import CheckRuns
from app.diagnostics.checks import CHECKS, process_checks
from app.services import services_of
from tests.problems import assert_problem
from tools.databases import PostgreSQL
from tools.ports import free_port
from tools.release_copies import copy_release
from tools.servers import ROOT, Server, answers, children, running, wait_for, wait_until

Churn = Callable[..., Any]


def test_a_healthy_system_has_no_finding(churn: Churn, server: Server) -> None:
    """Overdue reviews depend on the date, not on the system."""
    done = churn("diagnose")
    lines = [line.partition(":")[0].split() for line in done.stdout.splitlines()]
    states = {name: state for state, name in lines}
    assert list(states) == list(CHECKS)
    of_the_day = states.pop("documents")
    assert set(states.values()) == {"ok"}, done.stdout
    assert done.returncode == (of_the_day != "ok")


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
        assert f"database: {missing}" in done.stdout
    refused = churn("customers", "load", "model/sample_customers.csv", DATABASE_URL=url)
    assert refused.returncode == 1
    assert missing in refused.stderr
    assert not file.parent.exists()
    assert churn("database", "upgrade", DATABASE_URL=f"sqlite:///{file}").returncode == 0
    assert churn("diagnose", "database", DATABASE_URL=f"sqlite:///{file}").returncode == 0


def test_a_damaged_release_is_a_finding_of_model_alone(churn: Churn, tmp_path: Path) -> None:
    folder = tmp_path / "releases"
    copy_release(Settings().model_dir / "1.0.0", folder / "1.0.0")
    copy_release(Settings().model_dir / "1.0.0", folder / "1.1.0")
    (folder / "1.1.0" / "scorecard.json").write_text("{}")
    done = churn("diagnose", "--json", MODEL_DIR=str(folder))
    assert done.returncode == 1
    found = {check["name"]: check for check in json.loads(done.stdout)}
    del found["documents"]  # the day's matter
    assert [name for name, check in found.items() if not check["ok"]] == ["model"]
    assert "1.1.0 refused" in found["model"]["measured"]


def test_what_ended_meanwhile_is_left_out(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that has ended at the second sample doesn't affect the others."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    me = os.getpid()
    assert processes.queued({gone.pid}) == 0
    monkeypatch.setattr(processes, "workers", lambda: {me: me, gone.pid: me})
    assert "workers at" in process_checks.saturation().measured
    assert process_checks.saturation().measured.count("%") == 1
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
def test_an_overdue_review_is_a_finding_of_documents(
    app: Flask, monkeypatch: pytest.MonkeyPatch, overdue: bool
) -> None:
    document = SimpleNamespace(slug="service-down", is_overdue=lambda today: overdue)
    monkeypatch.setattr(services_of(app), "library", lambda: [document])
    monkeypatch.setattr(services_of(app), "checks", CheckRuns(app, 60))  # without earlier results
    found = app.test_client().get("/diagnostics/documents").get_json()
    assert found["ok"] is not overdue
    assert found["measured"] == ("1 overdue: service-down" if overdue else "0 overdue")


@pytest.mark.parametrize(
    ("servers", "waiting", "ok"),
    [
        ({1: [0.86, 0.99]}, 0, False),
        ({1: [0.84, 0.99]}, 0, True),
        ({1: [0.99], 2: [0.1]}, 0, False),
        ({1: [0.1]}, 3, False),
        ({1: [0.1], 2: [0.2, 0.3]}, 0, True),
        ({}, 0, True),
    ],
    ids=["busy", "one idle", "busy beside an idle server", "waiting", "idle", "all ended"],
)
def test_workers_are_busy_where_none_of_a_server_s_is_idle(
    servers: dict[int, list[float]], waiting: int, ok: bool
) -> None:
    found = process_checks.verdict(servers, waiting)
    assert found.ok is ok
    assert found.measured.endswith(f"{waiting} connections waiting")


@pytest.mark.parametrize(("used", "ok"), [(0.95, False), (0.5, True)], ids=["busy", "half busy"])
def test_busy_workers_are_a_finding_of_saturation_alone(
    app: Flask, monkeypatch: pytest.MonkeyPatch, used: float, ok: bool
) -> None:
    """Of two samples a second apart, between which each worker used so much of a processor.

    `make soak` finds it in a worker that scores batches without a pause.
    """
    now = 0.0

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    clock = SimpleNamespace(monotonic=lambda: now, sleep=sleep, time=time.time)
    monkeypatch.setattr(process_checks, "time", clock)
    monkeypatch.setattr(processes, "workers", lambda: {11: 10, 12: 10})
    monkeypatch.setattr(processes, "processor_seconds", lambda pid: pid + used * now)
    monkeypatch.setattr(processes, "queued", lambda servers: 0)
    monkeypatch.setattr(services_of(app), "checks", CheckRuns(app, 60))  # without earlier results
    everything = app.test_client().get("/diagnostics").get_json()["checks"]
    states = {check["name"]: check["ok"] for check in everything if check["name"] != "documents"}
    assert states == {**dict.fromkeys(states, True), "saturation": ok}
    (found,) = (check for check in everything if check["name"] == "saturation")
    assert found["measured"].count(f"{used:.0%}") == 2


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
    assert [check["name"] for check in everything["checks"]] == list(CHECKS)
    assert client.get("/diagnostics/model").get_json()["ok"] is True
    assert_problem(client.get("/diagnostics/weather"), 404, "not-found")
