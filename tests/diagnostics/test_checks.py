"""Each check names its own fault, and stays quiet under another's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.config import Settings
from app.diagnostics import processes
from app.diagnostics.checks import CHECKS, process_checks
from app.services import services_of
from tests.prediction_bodies import REQUIRED
from tests.problems import assert_problem
from tools.release_copies import copy_release
from tools.servers import Server, gunicorn, wait_until
from tools.worker_metrics import computing_first

Churn = Callable[..., Any]


def test_a_healthy_system_has_no_finding(churn: Churn, server: Server) -> None:
    """Whether a review of a document is overdue is the day's matter, not the system's."""
    done = churn("diagnose")
    lines = [line.partition(":")[0].split() for line in done.stdout.splitlines()]
    states = {name: state for state, name in lines}
    assert list(states) == list(CHECKS)
    of_the_day = states.pop("documents")
    assert set(states.values()) == {"ok"}, done.stdout
    assert done.returncode == (of_the_day != "ok")


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
    """A worker that is gone at the second look says nothing of the others."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    me = os.getpid()
    assert processes.queued({gone.pid}) == 0
    monkeypatch.setattr(processes, "workers", lambda: {me: me, gone.pid: me})
    assert "workers at" in process_checks.saturation().measured
    assert process_checks.saturation().measured.count("%") == 1
    monkeypatch.setattr(processes, "_metrics_folder", lambda _: "/nowhere")
    assert processes.samples() == {}


@pytest.mark.parametrize("overdue", [True, False])
def test_an_overdue_review_is_a_finding_of_documents(
    app: Flask, monkeypatch: pytest.MonkeyPatch, overdue: bool
) -> None:
    document = SimpleNamespace(slug="service-down", is_overdue=lambda today: overdue)
    monkeypatch.setattr(services_of(app), "library", lambda: [document])
    found = app.test_client().get("/diagnostics/documents").get_json()
    assert found["ok"] is not overdue
    assert found["measured"] == ("1 overdue: service-down" if overdue else "0 overdue")


@pytest.mark.alone
def test_busy_workers_are_a_finding_of_saturation_alone(churn: Churn, tmp_path: Path) -> None:
    """A worker that scores batches without a pause; when it stops, so does the finding."""
    with gunicorn(tmp_path, WEB_CONCURRENCY="1") as server, computing_first(server):
        done = threading.Event()
        customers = [{"id": str(i), "features": REQUIRED} for i in range(1000)]
        request = urllib.request.Request(
            f"{server.url}/predict/batch",
            data=json.dumps({"customers": customers}).encode(),
            headers={"Content-Type": "application/json"},
        )

        def load() -> None:
            while not done.is_set():
                with urllib.request.urlopen(request, timeout=30) as response:
                    response.read()

        threads = [threading.Thread(target=load) for _ in range(4)]
        for thread in threads:
            thread.start()
        try:
            wait_until(lambda: churn("diagnose", "saturation").returncode == 1, "the finding")
            assert churn("diagnose", "model").returncode == 0
        finally:
            done.set()
            for thread in threads:
                thread.join()
        wait_until(lambda: churn("diagnose", "saturation").returncode == 0, "the finding's end")


def test_over_http(client: FlaskClient) -> None:
    everything = client.get("/diagnostics").get_json()
    assert [check["name"] for check in everything["checks"]] == list(CHECKS)
    assert client.get("/diagnostics/model").get_json()["ok"] is True
    assert_problem(client.get("/diagnostics/weather"), 404, "not-found")
