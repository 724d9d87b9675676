"""The state of alerts on a runbook's page, and how long it waits for Prometheus."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NoReturn

import pytest

from app.handbook.web import alert_states
from app.handbook.web.alert_states import MAX_QUESTIONS, READERS, AlertState, AlertStates
from app.resilience.circuit_breaker import FAILURE_THRESHOLD
from tests.apps import OWN, PATIENT
from tests.handbook.conftest import SAMPLE, make_app
from tools.ports import free_port
from tools.prometheus import prometheus
from tools.servers import wait_until

RULES = """
groups:
  - name: sample
    rules:
      - {alert: ChurnApiLatencyHigh, expr: vector(1)}
      - {alert: ChurnApiLatencyBurn, expr: vector(0) > 0}
"""

UNKNOWN = {"A": AlertState("not available")}

INTERVAL = OWN.alerts / 5
"""Seconds between two bytes that trickle: shorter than the limit."""


def states(address: str, names: Iterable[str], seconds: float = PATIENT.alerts) -> dict[str, str]:
    found = AlertStates(address, seconds).states(names)
    return {name: alert.state for name, alert in found.items()}


@pytest.fixture(scope="module")
def watching(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Prometheus, with an alert that fires and one that doesn't."""
    nowhere = f"http://127.0.0.1:{free_port()}"
    with prometheus(tmp_path_factory.mktemp("prometheus"), nowhere, RULES) as url:
        names = ("ChurnApiLatencyHigh", "ChurnApiLatencyBurn")
        known = {"firing", "inactive"}
        wait_until(lambda: set(states(url, names).values()) == known, "its rules were evaluated")
        yield url


def test_a_runbook_knows_which_of_its_alerts_fire(watching: str) -> None:
    reader = make_app(SAMPLE, None, prometheus_url=watching).test_client()
    found = reader.get("/runbooks/high-api-latency/state.json").get_json()["alerts"]
    since = datetime.fromisoformat(found[0].pop("since"))
    assert timedelta() < datetime.now(UTC) - since < timedelta(minutes=10)
    assert found == [
        {"name": "ChurnApiLatencyHigh", "state": "firing"},
        {"name": "ChurnApiLatencyBurn", "state": "inactive", "since": None},
    ]
    assert states(watching, ["Nowhere"]) == {"Nowhere": "no rule"}
    firing = [{"name": "ChurnApiLatencyHigh", "url": "/runbooks/high-api-latency"}]
    assert reader.get("/state.json").get_json()["alerts"] == firing


@contextmanager
def answering(body: bytes, *, endless: str = "") -> Iterator[str]:
    """A server that answers everything alike; it never finishes what is `endless`."""
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            if endless == "header":
                self.flush_headers()
            else:
                self.end_headers()
            self.wfile.write(body)
            while endless and not over.wait(INTERVAL):
                try:
                    self.wfile.write(b" ")
                except OSError:
                    return

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"\xff",
        b"[]",
        b"{}",
        b"null",
        b'{"data": {"groups": 3}}',
        b'{"data": {"groups": [{"rules": ["x"]}]}}',
        b'{"data": {"groups": [{"rules": [{"state": "firing", "alerts": [{"state": "firing"}]}]}]}'
        b"}",
        json.dumps({"data": None}).encode(),
        b"[" * 100_000,
    ],
    ids=lambda body: body[:24].decode("latin-1"),
)
def test_what_is_no_answer_of_prometheus_is_not_available(body: bytes) -> None:
    with answering(body) as address:
        assert states(address, ["A"]) == {"A": "not available"}


@pytest.mark.parametrize("endless", ["header", "body"])
def test_an_answer_that_trickles_is_given_up(endless: str) -> None:
    """The limit is for the whole answer, not for each byte: this server never ends by itself."""
    with answering(b"{", endless=endless) as address:
        assert states(address, ["A"], OWN.alerts) == {"A": "not available"}


def test_few_readers_at_a_time_wait_for_prometheus() -> None:
    """The others' pages say at once that the state is not available."""
    with ThreadPoolExecutor(READERS + 1) as readers, answering(b"{}", endless="body") as address:
        alerts = AlertStates(address, PATIENT.alerts)
        asked = {readers.submit(alerts.states, ["A"]) for _ in range(READERS + 1)}
        refused, waiting = wait(asked, return_when=FIRST_COMPLETED)
        assert [each.result() for each in refused] == [UNKNOWN]
        assert len(waiting) == READERS


def test_a_name_that_is_looked_up_for_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many readers wait, a few threads do."""
    over, asked = threading.Event(), []

    def look_up(*_: object, **__: object) -> NoReturn:
        asked.append(1)
        over.wait()
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    alerts = AlertStates("http://prometheus:9090", 0.1)
    for _ in range(MAX_QUESTIONS + 2):
        assert alerts.states(["A"]) == UNKNOWN
    wait_until(lambda: len(asked) == FAILURE_THRESHOLD, "each thread asks")
    over.set()


def test_a_prometheus_that_failed_three_times_is_not_asked_by_each_reader(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A page in an incident doesn't wait for it again and again."""
    asked: list[str] = []

    def fail(url: str, _: float) -> NoReturn:
        asked.append(url)
        raise OSError

    monkeypatch.setattr(alert_states, "read", fail)
    alerts = AlertStates("http://prometheus:9090", PATIENT.alerts)
    for _ in range(FAILURE_THRESHOLD + 5):
        assert alerts.states(["A"]) == UNKNOWN
    assert len(asked) == FAILURE_THRESHOLD


def test_without_a_thread_to_ask_with_nothing_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> NoReturn:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        for _ in range(MAX_QUESTIONS):
            assert states("http://127.0.0.1:9", ["A"]) == {"A": "not available"}


def test_no_prometheus_is_no_error(tmp_path: Path) -> None:
    assert states("", ["A"]) == {"A": "not available"}
    assert states(f"http://127.0.0.1:{free_port()}", ["A"]) == {"A": "not available"}
    reader = make_app(SAMPLE, None).test_client()
    assert reader.get("/runbooks/nowhere/state.json").status_code == 404
    assert reader.get("/runbooks/high-api-latency/state.json").status_code == 200
