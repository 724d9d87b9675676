"""Clients that fall silent, or break HTTP's own rules, in the midst of a request."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import Server, fetch, gunicorn

THREADS = 8
"""Of a worker; as many clients that it waited for would stop it."""

HEAD = (
    b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Connection: close\r\n"
)


@pytest.fixture
def one_worker(tmp_path: Path) -> Iterator[Server]:
    with gunicorn(tmp_path, WEB_CONCURRENCY="1") as server:
        yield server


def sent(server: Server, request: bytes) -> socket.socket:
    host, _, port = server.url.removeprefix("http://").partition(":")
    client = socket.create_connection((host, int(port)), 60)
    client.sendall(request)
    return client


def told(client: socket.socket) -> bytes:
    with client:
        return b"".join(iter(lambda: client.recv(65536), b""))


@pytest.mark.parametrize(
    "request_", [HEAD[:-20], HEAD + b'Content-Length: 99\r\n\r\n{"features"'], ids=["head", "body"]
)
def test_as_many_as_there_are_threads_don_t_stop_the_service(
    one_worker: Server, request_: bytes
) -> None:
    """They are cut off, told why where there is a request to answer, and leave no traceback."""
    clients = [sent(one_worker, request_) for _ in range(THREADS + 1)]
    assert fetch(f"{one_worker.url}/health/live")[0] == 200
    answers = [told(client) for client in clients]
    if b"\r\n\r\n" in request_:
        assert all(b" 400 " in answer and b"/problems/bad-request" in answer for answer in answers)
    else:
        assert set(answers) == {b""}
    assert "Traceback" not in one_worker.log.read_text()


@pytest.mark.parametrize(
    "body",
    [b"zz\r\n", b"5\r\nab", b"ffffffffffffffffffff\r\n"],
    ids=["no size", "cut off", "endless"],
)
@pytest.mark.parametrize("path", [b"/predict", b"/predict/batch"])
def test_a_chunk_that_is_none_is_the_sender_s_fault(
    server: Server, path: bytes, body: bytes
) -> None:
    request = HEAD.replace(b"/predict", path) + b"Transfer-Encoding: chunked\r\n\r\n" + body
    client = sent(server, request)
    client.shutdown(socket.SHUT_WR)
    head, _, content = told(client).partition(b"\r\n\r\n")
    assert b" 400 " in head.splitlines()[0]
    assert json.loads(content)["type"] in ("/problems/bad-request", "/problems/malformed-json")
