"""Each answer of the event loop leaves in one write, so that a kill can't cut it in two."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from app.serving.connection import Connection
from tests.apps import make_app
from tests.serving.loop_requests import HEAD, LIVE, PREDICT, answer
from tests.serving.loop_servers import Running, loop_server
from tools.raw_requests import sent, told

WRITES: list[bytes] = []

ASKING = b"Content-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
CLOSE = b"Host: localhost\r\nConnection: close\r\n\r\n"


class Recorded:
    """A transport whose writes are noted."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    def write(self, data: bytes) -> None:
        WRITES.append(data)
        self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    WRITES.clear()
    made = Connection.connection_made

    def recorded(self: Connection, transport: Any) -> None:
        made(self, Recorded(transport))  # type: ignore[arg-type]

    monkeypatch.setattr(Connection, "connection_made", recorded)
    with loop_server(make_app()) as found:
        yield found


@pytest.mark.parametrize(
    "asked",
    [
        b"GET /health/live HTTP/1.1\r\n" + CLOSE,
        b"HEAD /health/live HTTP/1.1\r\n" + CLOSE,
        b"GET /runbooks/high-api-latency HTTP/1.1\r\n" + CLOSE,
        b"HEAD /runbooks/high-api-latency HTTP/1.1\r\n" + CLOSE,
        b"GET /customers/nobody/prediction HTTP/1.1\r\n" + CLOSE,
        b"GET /customers/nobody/prediction HTTP/1.0\r\n\r\n",
        PREDICT.replace(b"Host: localhost\r\n", b"Host: localhost\r\nConnection: close\r\n"),
    ],
)
def test_an_answer_is_one_write(server: Running, asked: bytes) -> None:
    came = told(sent(server, asked))
    assert came.startswith(b"HTTP/1.1 ")
    assert [came] == WRITES


def test_so_is_each_of_several_over_one_connection(server: Running) -> None:
    with sent(server, LIVE) as client:
        assert answer(client) == WRITES[0]
        client.sendall(PREDICT)
        assert answer(client) == WRITES[1]
    assert len(WRITES) == 2


def test_the_word_to_send_a_body_comes_before(server: Running) -> None:
    client = sent(server, HEAD + ASKING)
    assert client.recv(65536).startswith(b"HTTP/1.1 100 ")
    client.sendall(b"{}")
    came = told(client)
    assert came.startswith(b"HTTP/1.1 422 ")
    assert WRITES[1:] == [came]
