"""Checks run once for all who ask, outside the threads of requests, and never without a limit."""

from __future__ import annotations

import fcntl
import json
import select
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from time import perf_counter
from urllib.parse import urlsplit

import pytest
from flask import Flask

from app.config import GUNICORN_CONFIGURATION
from app.diagnostics import commands
from app.diagnostics.check_runs import FRESH_SECONDS, WAITERS, CheckRuns, verdict
from app.diagnostics.checks import GROUPS, names
from app.diagnostics.checks.check_result import CheckResult, Group
from app.services import services_of
from tests.apps import listening
from tests.prediction_bodies import REQUIRED
from tools.ports import free_port
from tools.servers import (
    PATIENCE_SECONDS,
    ROOT,
    Server,
    answers,
    fetch,
    running,
    wait_for,
    wait_until,
)

ASKERS = 40


def alone(check: Callable[[], CheckResult]) -> Group[CheckResult]:
    """A group of one check, `it`."""
    return Group(check, {"it": lambda found: found})


@contextmanager
def holding(file: Path) -> Iterator[None]:
    """Hold every check while the block runs."""
    with file.open("a") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield


@pytest.fixture(params=["loop", "threads"])
def planted(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """A server of one worker with the checks of `held_checks`."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environ = {
        "CHECKS_FOLDER": str(tmp_path),
        "LOG_LEVEL": "WARNING",
        "WEB_CONCURRENCY": "1",
        "WORKER": request.param,
    }
    command = [sys.executable, "-m", "gunicorn", "--pythonpath", str(ROOT)]
    command += ["-c", str(GUNICORN_CONFIGURATION), "-b", f"127.0.0.1:{port}"]
    command += ["tests.diagnostics.held_checks:app"]
    log = tmp_path / "log"
    with running(command, log, environ) as process:
        wait_for(process, log, lambda: answers(f"{url}/health/live"), "the server answers")
        yield Server(url, process, log)


def test_many_who_ask_share_one_run_and_hold_nobody_up(
    planted: Server, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """While the checks hang and all wait for them, pages, predictions and probes are answered.

    In threads the requests that wait would hold all of them, so most are refused.
    """
    refused = ASKERS - WAITERS if "threads" in request.node.name else 0
    once = dict.fromkeys(GROUPS, 1)

    def runs() -> dict[str, int]:
        files = [file for name in GROUPS if (file := tmp_path / name).exists()]
        return {file.name: len(file.read_text().splitlines()) for file in files}

    def answered() -> int:
        return len(select.select([asker.sock for asker in askers], [], [], 0)[0])

    with ExitStack() as stack:
        address = urlsplit(planted.url).netloc
        askers = [HTTPConnection(address, timeout=PATIENCE_SECONDS) for _ in range(ASKERS)]
        for asker in askers:
            stack.callback(asker.close)
        with holding(tmp_path / "gate"):
            for asker in askers:
                asker.request("GET", "/diagnostics")
            wait_until(lambda: runs() == once and answered() == refused, "as many wait as may")
            for _ in range(10):
                assert fetch(f"{planted.url}/health/live")[0] == 200
                assert fetch(f"{planted.url}/predict", {"features": REQUIRED})[0] == 200
                assert fetch(f"{planted.url}/runbooks/high-api-latency")[0] == 200
                assert fetch(f"{planted.url}/metrics")[0] == 200
            assert answered() == refused
        responses = [asker.getresponse() for asker in askers]
        found = [(response.status, json.loads(response.read())) for response in responses]
    assert runs() == once
    assert sum(status == 503 for status, _ in found) == refused
    for status, answer in found:
        if status == 200:
            assert [check["name"] for check in answer["checks"]] == names()
        else:
            assert (status, answer["type"]) == (503, "/problems/overloaded")


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch, app: Flask) -> Iterator[threading.Event]:
    """Let a check hang that waits for this event, and may take a twentieth of a second."""
    opened = threading.Event()

    def held() -> CheckResult:
        opened.wait()
        return CheckResult(True, "let go", "let go")

    monkeypatch.setitem(GROUPS, "held", alone(held))
    monkeypatch.setattr(services_of(app), "checks", CheckRuns(app, 0.05))
    yield opened
    opened.set()


def threads() -> int:
    return sum(thread.name == "check-held" for thread in threading.enumerate())


def test_a_check_that_hangs_is_reported_and_not_started_again(
    app: Flask, gate: threading.Event
) -> None:
    for _ in range(3 * WAITERS):
        (found,) = services_of(app).checks.results(["held.it"], perf_counter())
        assert found["ok"] is None
        assert found["measured"].startswith("the check has not ended after ")
        assert threads() == 1
    gate.set()
    wait_until(lambda: threads() == 0, "it ends")

    def sound() -> bool:
        (found,) = services_of(app).checks.results(["held.it"], perf_counter())
        return found["measured"] == "let go"

    wait_until(sound, "it is run again")


def test_a_result_is_for_those_who_ask_before_it_or_a_moment_after(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However late their turn comes; the answer says how old it is."""
    begun: list[float] = []

    def count() -> CheckResult:
        begun.append(perf_counter())
        return CheckResult(True, "counted", "counted")

    monkeypatch.setitem(GROUPS, "counted", alone(count))
    runs = CheckRuns(app, 60)
    asked = perf_counter()
    (first,) = runs.results(["counted.it"], asked)
    (same,) = runs.results(["counted.it"], asked)
    runs.results(["counted.it"], begun[0] + FRESH_SECONDS)
    assert len(begun) == 1
    assert 0 <= first["age"] <= same["age"]
    runs.results(["counted.it"], perf_counter() + FRESH_SECONDS)
    assert len(begun) == 2


def test_checks_of_a_group_share_a_measurement_and_merge_into_one_answer(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which has the findings alone, and is as old as the first of them."""
    measured: list[float] = []

    def judge(name: str, ok: bool, day: int) -> Callable[[None], CheckResult]:
        since = datetime(2026, 11, day, 3, 12, 8, tzinfo=UTC)
        return lambda _: CheckResult(ok, f"saw {name}", f"no {name}", since)

    checks = {"a": judge("a", True, 1), "b": judge("b", False, 3), "c": judge("c", False, 2)}
    group = Group(lambda: measured.append(perf_counter()), checks)
    monkeypatch.setitem(GROUPS, "letters", group)
    runs, asked = CheckRuns(app, 60), perf_counter()
    found = runs.answer("letters", asked)
    assert found.pop("age") >= 0
    assert found == {
        "name": "letters",
        "ok": False,
        "measured": "b: saw b; c: saw c",
        "threshold": "b: no b; c: no c",
        "since": "2026-11-02T03:12:08Z",
    }
    assert [runs.answer(f"letters.{name}", asked)["ok"] for name in "abc"] == [True, False, False]
    assert len(measured) == 1
    with pytest.raises(KeyError):
        runs.answer("letters.d", asked)


def test_checks_run_side_by_side(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two that wait for each other both end."""
    both = threading.Barrier(2)

    def meet() -> CheckResult:
        both.wait()
        return CheckResult(True, "met", "met")

    monkeypatch.setitem(GROUPS, "one", alone(meet))
    monkeypatch.setitem(GROUPS, "other", alone(meet))
    found = CheckRuns(app, 60).results(["one.it", "other.it"], perf_counter())
    assert [check["measured"] for check in found] == ["met", "met"]


def test_a_check_that_fails_accuses_and_clears_nobody(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its group, and all checks together, are ok only if nothing is unknown."""
    monkeypatch.setitem(GROUPS, "broken", alone(lambda: CheckResult(bool(1 / 0), "", "")))
    with listening(caplog):
        (found,) = CheckRuns(app, 60).results(["broken.it"], perf_counter())
    assert (found["ok"], found["measured"]) == (None, "the check failed: ZeroDivisionError")
    for beside, together in ((), None), ((True,), None), ((True, False), False):
        assert verdict([found, *({"ok": ok} for ok in beside)]) is together
    with monkeypatch.context() as only:
        only.setattr(commands, "of", lambda _: ["broken.it"])
        done = app.test_cli_runner().invoke(commands.diagnose, ["model"])
    assert done.exit_code == 2
    assert done.stdout.startswith("UNKNOWN  broken.it: the check failed: ZeroDivisionError")
    assert "the check broken failed" in caplog.text
