"""A reader of the log that stalls stops nothing; what is dropped is counted, the rest is whole."""

from __future__ import annotations

import json
import logging
import os
import re
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from app.observability.log_writer import MOST_WAITING, LogWriter
from tools.load_clients import load
from tools.ports import free_port
from tools.servers import (
    PATIENCE_SECONDS,
    ROOT,
    Server,
    answers,
    children,
    fetch,
    gunicorn,
    wait_until,
)
from tools.worker_metrics import samples

OTHER_LINE = re.compile(
    r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4}\] \[\d+\] \[[A-Z]+\] .+"
    "|made .* sample customers"
)
"""gunicorn's lines, and one of `churn serve`."""


@contextmanager
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    try:
        yield ends
    finally:
        for end in ends:
            os.close(end)


def read(end: int) -> bytes:
    """What the pipe holds."""
    text = b""
    while select.select([end], [], [], 0)[0]:
        text += os.read(end, 65536)
    return text


def dropped() -> float:
    return REGISTRY.get_sample_value("churn_log_lines_dropped_total") or 0.0


@pytest.fixture
def reports() -> Iterator[list[str]]:
    """What the writer says about itself."""
    logger = logging.getLogger("app.observability.log_writer")
    found: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: found.append(record.getMessage())  # type: ignore[method-assign]
    logger.addHandler(handler)
    yield found
    logger.removeHandler(handler)


@given(st.lists(st.integers(1, 3 * select.PIPE_BUF)))
def test_the_thread_writes_each_line_in_order_whatever_their_lengths(lengths: list[int]) -> None:
    lines = [str(n).encode() + b"." * length + b"\n" for n, length in enumerate(lengths)]
    with pipe() as (out, into):
        writer = LogWriter(into)
        writer.start()
        found: list[bytes] = []
        reader = Thread(target=read_to, args=(b"end\n", out, found))
        reader.start()
        for line in lines:
            writer.write(line)
        writer.stop()
        os.write(into, b"end\n")
        reader.join()
    assert b"".join(found) == b"".join(lines) + b"end\n"


def read_to(last: bytes, end: int, found: list[bytes]) -> None:
    while not b"".join(found[-len(last) :]).endswith(last):
        found.append(os.read(end, 65536))


def test_what_the_thread_can_not_write_is_dropped_and_counted() -> None:
    """And no line is torn, though the process ends while the pipe is full."""
    before = dropped()
    sent = MOST_WAITING + 5_000
    with pipe() as (out, into):
        os.write(into, b"%050d\n" % 0)  # so that the pipe's size is no multiple of a batch's
        writer = LogWriter(into)
        writer.start()
        for number in range(1, sent):
            writer.write(b"%050d\n" % number)
        assert dropped() > before
        writer.stop()
        # All at once: a thread that is in the middle of a line gets no room for its rest.
        written = os.read(out, 2**20).splitlines()
    assert {len(line) for line in written} == {50}
    assert len(written) + dropped() - before == sent
    assert [int(line) for line in written] == list(range(len(written)))


def test_the_thread_says_how_many_were_dropped_when_it_can_write_again(
    reports: list[str],
) -> None:
    before = dropped()
    with pipe() as (out, into):
        writer = LogWriter(into)
        writer.start()
        for number in range(MOST_WAITING + 5_000):
            writer.write(b"%050d\n" % number)
        text = b""

        def reported() -> bool:
            nonlocal text
            text += read(out)
            return bool(reports)

        wait_until(reported, "the report")
        writer.stop()
        text += read(out)
    lost = int(dropped() - before)
    assert reports == [f"lines dropped, because the log's reader stalled: {lost}"]
    assert text.count(b"\n") + lost == MOST_WAITING + 5_000


def test_without_a_thread_a_full_pipe_is_not_waited_for(reports: list[str]) -> None:
    """As in gunicorn's master; also a line that the pipe can't take as a whole."""
    before = dropped()
    with pipe() as (out, into):
        writer = LogWriter(into)
        writer.never_wait()
        for _ in range(1_000):
            writer.write(b"%0200d\n" % 0)
        lost = int(dropped() - before)
        assert lost > 0
        assert read(out) == b"%0200d\n" % 0 * (1_000 - lost)
        writer.write(b"again\n")
        assert read(out) == b"again\n"
        assert len(reports) == 1
        writer.write(b"." * 2**20 + b"\n")
        assert dropped() - before == lost + 1


@pytest.mark.parametrize("thread", [True, False])
def test_a_reader_that_is_gone_stops_nothing(thread: bool) -> None:
    before = dropped()
    out, into = os.pipe()
    os.close(out)
    writer = LogWriter(into)
    writer.never_wait()
    if thread:
        writer.start()
    for _ in range(1_000):
        writer.write(b"for nobody\n")
    writer.stop()
    os.close(into)
    assert dropped() - before == 1_000


class Piped:
    """A server whose standard error is a pipe, and the requests that it was sent."""

    def __init__(self, server: Server, out: int) -> None:
        self.server = server
        self.sent = 0
        self.text = b""
        self._out = out

    def get(self, path: str, request_id: str) -> None:
        """Send a request, which must be answered."""
        assert fetch(self.server.url + path, **{"X-Request-ID": request_id})[0] == 200
        self.sent += 1

    def load(self, number: int) -> None:
        """Send this many requests and some more, which must all be answered."""
        with load(self.server.url, [("GET", "/health/live", None)], keep=True) as sent:
            wait_until(lambda: sent.total >= number, "answers")
        assert set(sent.seen) == {("/health/live", 200)}
        self.sent += sent.total

    def dropped(self) -> int:
        """What the server itself says."""
        self.sent += 1
        return int(samples(self.server).get(("churn_log_lines_dropped_total", frozenset()), 0))

    def replace(self, change: Callable[[int], None]) -> None:
        """Do what replaces the only worker, whose process it is given."""
        (before,) = children(self.server.process.pid)
        change(before)

        def replaced() -> bool:
            now = children(self.server.process.pid)
            return len(now) == 1 and before not in now

        wait_until(replaced, "a new worker")

    def read_until(self, wanted: str, after: str = "") -> str:
        """Read the log until it has whole lines with what is wanted."""
        while wanted not in (tail := self.text.decode().partition(after or "[")[2]) or (
            not tail.endswith("\n")
        ):
            assert select.select([self._out], [], [], PATIENCE_SECONDS)[0], "nothing is logged"
            self.text += os.read(self._out, 65536)
        return tail

    def read_to_end(self) -> None:
        """Read until the last process that has the pipe ends."""
        while text := os.read(self._out, 65536):
            self.text += text

    def requests(self) -> int:
        """Count the requests in the log; each line must be whole."""
        return sum('"app.requests"' in line for line in whole_lines(self.text))


def whole_lines(text: bytes) -> list[str]:
    """The lines.

    Raises:
        ValueError: one is neither JSON nor gunicorn's.
    """
    lines = text.decode().splitlines()
    for line in lines:
        if not OTHER_LINE.fullmatch(line):
            json.loads(line)
    return lines


def test_a_torn_line_is_found() -> None:
    for torn in (b'{"time": "20\n', b'{"a": 1}{"a": 1}\n', b"[2026-01-01 00:00:00 +0000] [1]\n"):
        with pytest.raises(ValueError, match=r"\S"):
            whole_lines(b"{}\n" + torn)


@contextmanager
def piped() -> Iterator[Piped]:
    """Start a server with one worker and a pipe that nobody reads yet."""
    port = free_port()
    command = [sys.executable, "-m", "app.cli.main", "serve", "--port", str(port)]
    environ = {
        "WEB_CONCURRENCY": "1",
        # So long that a worker which waits for the reader when it ends fails the test.
        "GUNICORN_CMD_ARGS": f"--graceful-timeout {2 * PATIENCE_SECONDS}",
    }
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environ}, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    server = Server(f"http://127.0.0.1:{port}", process, Path(os.devnull))
    log = Piped(server, process.stderr.fileno())

    def answered() -> bool:
        up = answers(f"{server.url}/health/live")
        log.sent += up
        return up

    try:
        wait_until(answered, "the server answers")
        yield log
    finally:
        running = [process.pid, *children(process.pid)] if process.poll() is None else []
        for pid in running:
            os.kill(pid, signal.SIGKILL)
        process.wait()
        process.stderr.close()


def test_a_reader_that_stalls_stops_neither_requests_nor_operations() -> None:
    """Whatever is sent is answered, and the log has a line of it or counts it as dropped."""
    with piped() as log:
        process = log.server.process
        log.load(MOST_WAITING + 2_000)
        assert log.dropped() > 0
        log.read_until("stalled: ")
        lost = log.dropped()
        assert log.read_until("/metrics", after="stalled: ").startswith(f'{lost}"')
        assert log.requests() + lost == log.sent

        # The pipe is full again. Workers are replaced; only a killed one loses what it holds.
        log.load(2_000)
        log.replace(lambda _: process.send_signal(signal.SIGHUP))
        log.get("/health/ready", "held")
        log.replace(lambda worker: os.kill(worker, signal.SIGKILL))
        log.get("/health/ready", "kept")
        log.read_until("kept")
        lost = log.dropped()
        log.read_until("/metrics", after="kept")
        assert b'"held"' not in log.text
        operations = 40  # gunicorn's own lines are fewer
        assert log.sent - 1 <= log.requests() + lost <= log.sent + operations
        log.replace(lambda _: process.send_signal(signal.SIGHUP))
        log.read_until("stalled: ", after="kept")  # the master lacked some, too

        log.load(1_000)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0
        log.read_to_end()
        assert log.requests() > 0


def test_without_a_stall_a_server_that_is_ended_has_a_line_of_each_request(tmp_path: Path) -> None:
    with gunicorn(tmp_path, WEB_CONCURRENCY="2") as server:
        with load(server.url, [("GET", "/customers", None)], keep=True) as sent:
            wait_until(lambda: sent.total >= 500, "answers")
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(PATIENCE_SECONDS)
    assert server.log.read_text().count('"path":"/customers"') == sent.total
