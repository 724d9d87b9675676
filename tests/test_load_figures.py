"""What measures the service under load sees what goes wrong."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from benchmarks.constant_rate import CONNECTIONS, Client
from benchmarks.measurement import Measurement
from soak.figures import failed_requests
from tools.load_clients import Load
from tools.servers import ServerError
from tools.wrk import read, wrk

REPORT = """Running 4s test @ http://127.0.0.1:8000
  1 threads and 8 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.02ms  500.00us   1.50s    99.00%
    Req/Sec     5.00k   100.00     6.00k    70.00%
  Latency Distribution
     50%  900.00us
     75%    1.00ms
     90%    1.20ms
     99%    2.50ms
  20000 requests in 4.00s, 20.00MB read
{faults}Requests/sec:   5000.00
Transfer/sec:      5.00MB
"""
FAULTS = "  Socket errors: connect 1, read 2, write 3, timeout 4\n  Non-2xx or 3xx responses: 5\n"

STALL, RATE, SECONDS = 0.5, 400, 1


class Handler(BaseHTTPRequestHandler):
    """Answers each POST with 200, over a connection that is kept."""

    protocol_version = "HTTP/1.1"
    status = 200

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        pass


class Stalling(Handler):
    """Answers nobody for a while after the first request."""

    began: list[float]

    def do_POST(self) -> None:
        self.began.append(time.perf_counter())
        time.sleep(max(0.0, self.began[0] + STALL - time.perf_counter()))
        super().do_POST()


class Failing(Handler):
    status = 503


class Closing(Handler):
    def do_POST(self) -> None:
        self.close_connection = True


class Server(ThreadingHTTPServer):
    request_queue_size = CONNECTIONS
    daemon_threads = True


@contextmanager
def serving(handler: type[Handler]) -> Iterator[str]:
    with Server(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


@pytest.fixture
def client(request: pytest.FixtureRequest) -> Iterator[Client]:
    with serving(request.param) as url:
        client = Client(url, b"{}")
        yield client
        client.close()


def test_wrk_report_is_read_in_milliseconds() -> None:
    found = read(REPORT.format(faults=""))
    assert (found.requests, found.rate, found.p50, found.p99) == (20_000, 5000, 0.9, 2.5)
    assert (found.slowest, found.failed) == (1500, 0)


def test_every_kind_of_failure_in_wrk_report_counts() -> None:
    assert read(REPORT.format(faults=FAULTS)).failed == 15


def test_a_report_without_a_figure_is_none() -> None:
    with pytest.raises(ServerError, match="99%"):
        read(REPORT.format(faults="").replace("99%  ", ""))


@pytest.mark.parametrize(("handler", "fails"), [(Handler, False), (Failing, True), (Closing, True)])
def test_wrk_counts_what_fails(handler: type[Handler], fails: bool) -> None:
    with serving(handler) as url:
        found = wrk(url, [("POST", "/", {"a": 1}), ("POST", "/b", {"b": 2})], 1)
    assert found.requests + found.failed > 0
    assert (found.failed > 0) == fails


@pytest.mark.parametrize("client", [type("Once", (Stalling,), {"began": []})], indirect=True)
def test_a_stall_counts_for_all_who_were_due_meanwhile(client: Client) -> None:
    """A client that waited for answers would have sent but one request over each connection."""
    client.send(RATE, SECONDS)
    assert len(client.waited) == len(client.late) == RATE * SECONDS
    due_in_the_first_half = RATE * STALL / 2
    assert due_in_the_first_half > CONNECTIONS
    assert sum(waited >= STALL / 2 for waited in client.waited) >= due_in_the_first_half


@pytest.mark.parametrize("client", [Failing, Closing], indirect=True)
def test_a_failed_request_ends_the_measurement(client: Client) -> None:
    with pytest.raises(SystemExit, match="failed"):
        client.send(RATE, SECONDS)


def test_a_ratio_compares_each_round_with_itself() -> None:
    """A round in which one of both was slow is no more than that; the medians' ratio is 1.33."""
    ours, other = Measurement(rate=[10, 20, 30]), Measurement(rate=[5, 40, 15])
    assert ours.times(other, "rate") == 2


def test_failures_beyond_those_expected_are_told() -> None:
    sent = Load("http://127.0.0.1:1", [("GET", "/", None)])
    sent.seen.update({("/", 200): 5, ("/", "reset"): 3})
    assert not failed_requests("failed", sent, Counter({("/", "reset"): 3})).broken
    told = failed_requests("failed", sent, Counter({("/", "reset"): 2}))
    assert told.broken
    assert told.what == "failed; 1 of / reset"
