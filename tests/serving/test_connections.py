"""The limits of a connection on the event loop: sizes, times, numbers."""

from __future__ import annotations

import json
import select
import socket
from collections.abc import Iterator

import pytest

from app.application import MAX_BODY
from app.http.problems import PROBLEM_TYPES
from app.serving import connection_limits
from tests.apps import make_app
from tests.serving.loop_requests import BODY, HEAD, LIVE, PREDICT, answer
from tests.serving.loop_servers import Running, loop_server
from tools.raw_requests import sent, told
from tools.servers import PATIENCE_SECONDS, fetch, wait_until


@pytest.fixture
def server() -> Iterator[Running]:
    with loop_server(make_app()) as found:
        yield found


def problem(answer: bytes) -> dict[str, object]:
    head, _, content = answer.partition(b"\r\n\r\n")
    found: dict[str, object] = json.loads(content)
    assert b" %d " % found["status"] in head.splitlines()[0]
    assert b"connection: close" in head.lower()
    return found


def test_a_header_without_end_is_refused(server: Running) -> None:
    client = sent(server, LIVE[:-2] + b"X: " + b"x" * 30_000_000)
    assert problem(told(client))["type"] == "/problems/bad-request"


def trickled(server: Running, begun: bytes, more: bytes) -> bytes:
    """The answer to a client that always sends a little more, before it was patient for long."""
    client = sent(server, begun)
    for _ in range(PATIENCE_SECONDS * 100):
        if select.select([client], [], [], 0.01)[0]:
            return told(client)
        client.sendall(more)
    raise AssertionError("it went on for ever")


def test_a_head_must_come_in_time(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often a byte comes; nobody is told of a request that never was."""
    monkeypatch.setattr(connection_limits, "HEAD_SECONDS", 0.2)
    assert trickled(server, LIVE[:30], b"x") == b""


@pytest.mark.parametrize(
    ("begun", "more"),
    [
        (b"Content-Length: 100000\r\n\r\n", b" "),
        (b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    ],
    ids=["length", "chunks"],
)
def test_a_body_must_come_in_time(
    server: Running, monkeypatch: pytest.MonkeyPatch, begun: bytes, more: bytes
) -> None:
    monkeypatch.setattr(connection_limits, "BODY_SECONDS", 0.2)
    assert problem(trickled(server, HEAD + begun, more))["type"] == "/problems/bad-request"


def test_a_silent_connection_is_closed_after_a_while() -> None:
    """A new one, and one that was answered."""
    with loop_server(make_app(), keepalive=1) as server:
        assert told(sent(server, b"")) == b""
        assert told(sent(server, LIVE)).endswith(b'{"status":"live"}')


def test_a_client_that_doesn_t_read_is_disconnected(
    server: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whether it sent one request or several at once."""
    monkeypatch.setattr(connection_limits, "WRITE_SECONDS", 0.1)
    monkeypatch.setattr(connection_limits, "LINGER_SECONDS", 0.1)
    big = b"GET /docs/assets/redoc.js HTTP/1.1\r\nHost: localhost\r\n"
    for close in (b"", b"Connection: close\r\n"):
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(("127.0.0.1", int(server.url.rpartition(":")[2])))
            client.sendall(LIVE)
            answer(client)
            client.sendall((big + close + b"\r\n") * 4)  # more than the kernel keeps for it
            wait_until(lambda: not server.connections, "it is disconnected")
    assert "Exception" not in caplog.text


def test_the_connection_idle_for_longest_makes_room(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_limits, "MAX_CONNECTIONS", 3)
    clients = [sent(server, LIVE) for _ in range(3)]
    for client in clients:
        answer(client)

    def others_later() -> bool:
        """The loop's clock counts milliseconds."""
        for client in clients[1:]:
            client.sendall(LIVE)
            answer(client)
        first, second, _ = sorted(c.idle_until or 0 for c in server.connections)
        return 0 < first < second

    wait_until(others_later, "the others were idle for a shorter time")
    last = sent(server, LIVE)
    assert b" 200 " in answer(last)
    assert told(clients[0]) == b""
    for client in (*clients[1:], last):
        client.sendall(PREDICT)
        assert b" 200 " in answer(client)
        client.close()


def test_where_all_are_busy_the_next_is_told(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_limits, "MAX_CONNECTIONS", 2)
    clients = [sent(server, PREDICT[:-10]) for _ in range(2)]
    wait_until(lambda: sum(c.idle_until is None for c in server.connections) == 2, "both")
    refused = told(sent(server, b""))
    assert problem(refused)["type"] == "/problems/overloaded"
    assert b"Retry-After: 1" in refused
    for client in clients:
        client.sendall(PREDICT[-10:])
        assert b" 200 " in answer(client)
        client.close()


def test_unfinished_bodies_may_hold_so_much(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who exceeds it is told so; others and the same later are answered."""
    monkeypatch.setattr(connection_limits, "MAX_HELD", 150_000)
    begun = HEAD + b"Content-Length: 100500\r\n\r\n" + b" " * 100_000
    first = sent(server, begun)
    bodies = server.loop.config.loaded_app._bodies
    wait_until(lambda: bodies._held == 100_000, "the first is held")
    refused = told(sent(server, begun))
    assert problem(refused)["detail"] == PROBLEM_TYPES["overloaded"].detail
    assert b"retry-after: 1" in refused
    assert fetch(f"{server.url}/predict", {"features": json.loads(BODY)["features"]})[0] == 200
    first.sendall(BODY.rjust(500))
    assert b" 200 " in answer(first)
    first.close()
    wait_until(lambda: bodies._held == 0, "nothing is held")


def test_requests_sent_together_are_answered_in_turn(server: Running) -> None:
    came = told(sent(server, LIVE + PREDICT + LIVE[:-2] + b"Connection: close\r\n\r\n"))
    assert came.count(b"HTTP/1.1 200 OK") == 3
    assert came.index(b'"live"') < came.index(b'"prediction"') < came.rindex(b'"live"')


def test_a_client_that_has_said_all_is_answered(server: Running) -> None:
    client = sent(server, PREDICT)
    client.shutdown(socket.SHUT_WR)
    assert b'"prediction"' in told(client)


def test_a_client_that_would_upgrade_is_answered_as_it_is(server: Running) -> None:
    """As curl does that was told to try HTTP/2."""
    upgrade = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n"
    assert b" 200 " in told(sent(server, LIVE[:-2] + upgrade + b"\r\n")).splitlines()[0]


def test_a_client_that_asks_first_is_told(server: Running) -> None:
    """To go on, or that its body is too large before it has sent it."""
    expects = HEAD + b"Expect: 100-continue\r\n"
    client = sent(server, expects + b"Content-Length: %d\r\n\r\n" % len(BODY))
    assert client.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
    client.sendall(BODY)
    assert b" 200 " in answer(client)
    client.close()
    refused = told(sent(server, expects + b"Content-Length: %d\r\n\r\n" % (MAX_BODY + 1)))
    assert b" 413 " in refused.splitlines()[0]
    assert b"100 Continue" not in refused


def test_a_request_that_crosses_with_the_end_is_answered(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that ends takes no new connections, and says on the old ones that it ends."""
    monkeypatch.setattr(connection_limits, "DRAIN_SECONDS", PATIENCE_SECONDS)
    client = sent(server, LIVE)
    answer(client)
    server.loop.should_exit = True
    port = int(server.url.rpartition(":")[2])

    def refused() -> bool:
        with socket.socket() as other:
            return other.connect_ex(("127.0.0.1", port)) != 0

    wait_until(refused, "new connections are refused")
    client.sendall(PREDICT)
    came = told(client)
    assert b"HTTP/1.1 200 OK" in came
    assert b"connection: close" in came


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"GET /search?q=caf%C3%A9 HTTP/1.1", 200),
        (b"GET /caf%C3%A9/%FF HTTP/1.1", 404),
        (b"GET /search?q=caf\xc3\xa9 HTTP/1.1", 400),
        (b"GET /runb%6foks HTTP/1.1", 200),
        (b"GET http://localhost/models HTTP/1.1", 200),
        (b"GET //models HTTP/1.1", 200),
        (b"OPTIONS /predict HTTP/1.1", 200),
        (b"OPTIONS * HTTP/1.1", 404),
        (b"CONNECT localhost:80 HTTP/1.1", 400),
        (b"GET /health/live HTTP/1.0", 200),
        (b"HEAD /models HTTP/1.1", 200),
    ],
)
def test_unusual_request_lines_are_understood(server: Running, line: bytes, status: int) -> None:
    came = told(sent(server, line + b"\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
    assert b" %d " % status in came.splitlines()[0]


def test_who_sends_too_much_to_nowhere_makes_no_series(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path that anybody can think of is no label of a metric."""
    monkeypatch.setattr(connection_limits, "MAX_HELD", 1)
    begun = (
        b"POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100500\r\n\r\n" + b" " * 9
    )
    assert problem(told(sent(server, begun)))["type"] == "/problems/overloaded"
    assert "nowhere" not in fetch(f"{server.url}/metrics")[1]
    assert 'route="unmatched",status="503"' in fetch(f"{server.url}/metrics")[1]
