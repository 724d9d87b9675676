"""Clients that stop sending, break off, or send malformed HTTP."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest

from app.application import MAX_BODY
from tools.raw_requests import sent, told
from tools.servers import Server, fetch, gunicorn, wait_until

THREADS = 8
"""Threads of a worker; as many stalled clients would stop it."""

HEAD = (
    b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Connection: close\r\n"
)


@pytest.fixture(scope="module", params=["loop", "threads"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One worker of each kind."""
    folder = tmp_path_factory.mktemp(request.param)
    with gunicorn(folder, WEB_CONCURRENCY="1", WORKER=request.param) as found:
        yield found


@pytest.mark.parametrize(
    "request_", [HEAD[:-20], HEAD + b'Content-Length: 99\r\n\r\n{"features"'], ids=["head", "body"]
)
def test_as_many_as_there_are_threads_don_t_stop_the_service(
    server: Server, request_: bytes
) -> None:
    """They are disconnected, told why if there is a request, and leave no traceback."""
    clients = [sent(server, request_) for _ in range(THREADS + 1)]
    assert fetch(f"{server.url}/health/live")[0] == 200
    answers = [told(client) for client in clients]
    if b"\r\n\r\n" in request_:
        assert all(b" 400 " in answer and b"/problems/bad-request" in answer for answer in answers)
    else:
        assert set(answers) == {b""}
    assert fetch(f"{server.url}/health/live", **{"X-Request-ID": "after-them"})[0] == 200
    wait_until(lambda: '"after-them"' in server.log.read_text(), "its line")
    assert "Traceback" not in server.log.read_text()


PLAIN = b'{"features": {"tenure": 12, "contract": "One year", "monthly_charges": 5}}'
LIMIT = MAX_BODY
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"


def chunk(content: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(content), content)


# name: what follows the head, status, type
BROKEN = {
    "a chunk without a size": (CHUNKED + b"zz\r\n", 400, "bad-request"),
    "a chunk of endless size": (CHUNKED + b"f" * 20 + b"\r\n", 400, "bad-request"),
    "a chunk cut off": (CHUNKED + b"5\r\nab", 400, "bad-request"),
    "a body cut off where it could end": (
        b"Content-Length: 200\r\n\r\n" + PLAIN,
        *(400, "bad-request"),
    ),
    "chunks beyond the limit": (
        CHUNKED + chunk(PLAIN + b" " * (LIMIT - len(PLAIN))) + chunk(b"more") + b"0\r\n\r\n",
        *(413, "too-large"),
    ),
    "chunks up to the limit": (
        CHUNKED + chunk(PLAIN + b" " * (LIMIT - len(PLAIN))) + b"0\r\n\r\n",
        *(200, None),
    ),
    "a body beyond the limit cut off": (
        b"Content-Length: %d\r\n\r\n" % (LIMIT + 1) + PLAIN,
        *(413, "too-large"),
    ),
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("path", [b"/predict", b"/predict?reasons=1"])
def test_a_body_that_is_not_whole_is_the_sender_s_fault(
    server: Server, path: bytes, name: str
) -> None:
    rest, status, slug = BROKEN[name]
    client = sent(server, HEAD.replace(b"/predict", path) + rest)
    client.shutdown(socket.SHUT_WR)
    head, _, content = told(client).partition(b"\r\n\r\n")
    assert b" %d " % status in head.splitlines()[0]
    if slug:
        assert json.loads(content)["type"] == f"/problems/{slug}"


def test_a_sender_of_too_much_who_falls_silent_is_told_so(server: Server) -> None:
    answer = told(sent(server, HEAD + b"Content-Length: 99999999999999\r\n\r\n" + PLAIN))
    assert b" 413 " in answer.splitlines()[0]


KEY = b"churn_not-for-the-log"
GET = b"GET /models HTTP/1.1\r\nHost: localhost\r\n"
ODD = {
    "transfer coding": GET + b"Transfer-Encoding: foo\r\n\r\n",
    "path too long": GET.replace(b"models", b"m" * 9000) + b"\r\n",
    "header too long": GET + b"X: " + b"x" * 9000 + b"\r\n\r\n",
    "too many headers": GET + b"X: x\r\n" * 200 + b"\r\n",
    "expectation": GET + b"Expect: foo\r\n\r\n",
    "method": GET.replace(b"GET", b"get") + b"\r\n",
    "two lengths": GET + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
    "a key without a colon": GET + b"Authorization Bearer " + KEY + b"\r\n\r\n",
    "a body for a request line": b'{"contract": "' + KEY + b'"}\r\n\r\n',
}


@pytest.mark.parametrize("name", ODD)
def test_a_request_that_is_none_is_answered_as_a_problem(server: Server, name: str) -> None:
    """The log has the request's id, and nothing else of what was sent."""
    head, _, content = told(sent(server, ODD[name])).partition(b"\r\n\r\n")
    status, *lines = head.decode().splitlines()
    headers = dict(line.split(": ", 1) for line in lines if line)
    problem = json.loads(content)
    assert status.startswith("HTTP/1.1 400 ")
    assert headers["Content-Type"] == "application/problem+json"
    assert {"Process-Time", "Server-Timing"} < set(headers)
    assert (problem["status"], problem["type"]) == (400, "/problems/bad-request")
    assert problem["instance"] == headers["X-Request-ID"]
    wait_until(lambda: headers["X-Request-ID"] in server.log.read_text(), "its line")
    log = server.log.read_text()
    assert "Invalid request from ip=127.0.0.1" in log
    assert KEY.decode() not in log
