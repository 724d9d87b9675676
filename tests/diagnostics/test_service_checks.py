"""Each fault of the service itself is found by its own check, and ruled out by the others."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from app.access.key_file import add
from app.diagnostics import processes
from app.diagnostics.checks import GROUPS, service_checks, service_look
from app.diagnostics.checks.service_look import ServiceLook, WorkerLook
from tests.apps import bearer
from tools.databases import halt
from tools.servers import Server, children, fetch, gunicorn, wait_until

NOW = 1_795_000_000.0
BUSY, IDLE, HANGS, STOPPED = (
    (0.97, 0.1, False),
    (0.1, 0.1, False),
    (0.0, 20.0, False),
    (0.0, 2, True),
)
Times = dict[str, float]


def counted(**times: float) -> processes.Samples:
    """Samples by short words: ages of times in seconds, and counts."""
    found: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {}
    for name, value in times.items():
        kind, _, label = name.partition("_")
        if kind == "scrape":
            found["churn_scrape_timestamp_seconds", (("answer", label),)] = NOW - value
        elif kind == "killed":
            found["churn_worker_killed_timestamp_seconds", (("place", label),)] = NOW - value
        elif kind == "error":
            found["churn_last_error_timestamp_seconds", (("type", label),)] = NOW - value
        else:
            found["churn_scrapes_total", (("answer", "answered"),)] = value
    return found


def killed(*ages: float) -> processes.Samples:
    return counted(**{f"killed_{place}": age for place, age in enumerate(ages)})


@pytest.mark.parametrize(
    ("workers", "waiting", "samples", "unreached", "cause"),
    [
        ([IDLE, IDLE], 0, {}, None, None),
        ([], 0, {}, ["here"], "process"),
        ([IDLE], None, {}, ["here"], "process"),
        ([STOPPED, IDLE], 9, {}, ["here"], "workers"),
        ([HANGS, IDLE], 9, {}, None, "workers"),
        ([IDLE], 0, {}, ["here"], "scrape"),
        ([IDLE], 0, counted(scrape_answered=50, scrape_refused=2), None, "scrape"),
        ([IDLE], 0, counted(scrape_answered=2, scrape_refused=50), None, None),
        ([IDLE], 0, counted(scrape_answered=80, scrapes=10), None, "scrape"),
        ([IDLE], 0, counted(scrape_answered=80, scrapes=2), None, None),
        ([IDLE], 0, counted(scrape_answered=80, scrapes=10), [], None),
        ([BUSY, BUSY], 0, {}, None, "saturated"),
        ([BUSY, IDLE], 0, {}, None, None),
        ([IDLE], 3, {}, None, "saturated"),
        ([IDLE], 0, killed(25, 15, 5), None, "restarts"),
        ([IDLE], 0, killed(500, 300, 150), None, "restarts"),
        ([IDLE], 0, killed(5, 15), None, None),
        ([IDLE], 0, killed(5, 15, 700), None, None),
        ([IDLE], 0, killed(60, 50, 40), None, None),
        ([IDLE], 0, counted(error_KeyError=4), None, "errors"),
        ([IDLE], 0, counted(error_KeyError=400), None, None),
        ([IDLE], 0, counted(error_KeyError=-400), None, None),
    ],
)
def test_a_look_is_judged_by_one_check_alone(  # noqa: PLR0917 - one look
    workers: list[tuple[float, float, bool]],
    waiting: int | None,
    samples: processes.Samples,
    unreached: list[str] | None,
    cause: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Connections that wait while a worker hangs are no sign of saturation."""
    monkeypatch.setattr(service_checks, "time", SimpleNamespace(time=lambda: NOW))
    looks = [WorkerLook(pid, 1, *worker) for pid, worker in enumerate(workers, 2)]
    found = ServiceLook(looks, waiting, samples, unreached)
    assert findings(found) == [cause] * bool(cause)


def findings(found: ServiceLook) -> list[str]:
    return [name for name, check in GROUPS["service"].checks.items() if not check(found).ok]


@pytest.fixture
def look(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Server, Any]]:
    """A server of two workers with keys, and the findings of its checks."""
    add(tmp_path / "keys.yaml", "prometheus", ("operate",))
    environ = {
        "API_KEYS_FILE": str(tmp_path / "keys.yaml"),
        "MODEL_DIR": str(tmp_path / "releases"),
        "WEB_CONCURRENCY": "2",
    }
    (tmp_path / "releases").mkdir()
    monkeypatch.setenv("MODEL_DIR", environ["MODEL_DIR"])
    monkeypatch.setattr(processes, "SAMPLE_SECONDS", 0.1)

    def found() -> list[str]:
        with app.app_context():
            return findings(service_look.look())

    with gunicorn(tmp_path, **environ) as server:
        yield server, found


def test_the_faults_of_a_real_server(look: tuple[Server, Any], tmp_path: Path) -> None:
    """Until it is killed: scrapes without a key, stopped workers, workers killed in a row."""
    server, found = look
    wait_until(lambda: found() == [], "a sound server")
    key = bearer(add(tmp_path / "keys.yaml", "another", ("operate",)))
    wait_until(lambda: fetch(f"{server.url}/metrics", **key)[0] == 200, "a scrape")
    assert fetch(f"{server.url}/metrics")[0] == 401
    wait_until(lambda: found() == ["scrape"], "a scrape was refused")
    assert fetch(f"{server.url}/metrics", **key)[0] == 200
    wait_until(lambda: found() == [], "it is scraped again")

    for worker in children(server.process.pid):
        os.kill(worker, signal.SIGSTOP)
    wait_until(lambda: found() == ["workers"], "they are stopped")
    for worker in children(server.process.pid):
        os.kill(worker, signal.SIGCONT)
    wait_until(lambda: found() == [], "they run again")

    for _ in range(3):
        before = children(server.process.pid)
        os.kill(before[0], signal.SIGKILL)
        wait_until(
            lambda: len(now := children(server.process.pid)) == 2 and now != before,  # noqa: B023
            "another worker",
        )
    wait_until(lambda: found() == ["restarts"], "they were killed in a row")


def test_workers_that_are_told_to_end_were_not_killed(look: tuple[Server, Any]) -> None:
    """Nor is it a finding that the server is gone, to all but one check."""
    server, found = look
    before = children(server.process.pid)
    os.kill(server.process.pid, signal.SIGHUP)
    wait_until(
        lambda: len(now := children(server.process.pid)) == 2 and not {*now} & {*before},
        "other workers",
    )
    server.process.send_signal(signal.SIGTTOU)
    wait_until(lambda: len(children(server.process.pid)) == 1, "a worker less")
    key = ("churn_workers_killed_total", ())
    assert processes.samples()[key] == 0
    halt(server.process, signal.SIGKILL)
    wait_until(lambda: found() == ["process"], "it is gone")
