"""Standard error, the file of the log: a reader that stalls must not stop the server."""

from __future__ import annotations

import atexit
import io
import logging
import math
import os
import select
import sys
import threading
import time
from queue import Empty, SimpleQueue
from typing import Any

from app.observability.metrics import LOG_LINES_DROPPED

MOST_WAITING = 10_000
"""Lines that wait in a worker for a slow reader: some megabytes, and a second of a full load."""

GATHER_SECONDS = 0.01
"""How long the thread lets lines gather: it would otherwise be woken for each."""

END_SECONDS = 1.0
"""How long a process that ends waits for the reader."""

RECHECK_SECONDS = 0.1
"""How often the thread looks whether the process ends, while the reader stalls."""

log = logging.getLogger(__name__)


class LogWriter:
    """Writes lines to a file descriptor, in one of three ways.

    - A command writes each line at once and waits for the reader.
    - gunicorn's master, after `never_wait`, writes at once too, but drops what the reader has no
      room for. It forks workers, so it can't have a thread.
    - A worker, after `start`, leaves lines to a thread. Nothing but the thread waits for the
      reader. Lines beyond `MOST_WAITING` are dropped.

    Dropped lines are counted, and one line says how many they were once writing works again. No
    write is larger than a pipe takes as a whole, so lines of several processes don't mix; only a
    line that is larger itself is written in parts. The flag O_NONBLOCK would be simpler, but the
    other processes that have the descriptor would get it, too.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._waiting: SimpleQueue[bytes] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._deadline = math.inf
        self._waits = True
        self._unreported = 0
        self._lock = threading.Lock()

    def write(self, line: bytes) -> None:
        """Write a line, which ends with a newline, or leave it to the thread.

        Raises:
            OSError: this process waits for the reader, and the descriptor can't be written.
        """
        if self._thread is not None:
            if self._waiting.qsize() < MOST_WAITING:
                self._waiting.put(line)
            else:
                self._drop(1)
        elif self._waits:
            os.write(self._descriptor, line)
        elif self._written(line, 0):
            self._report()
        else:
            self._drop(1)

    def never_wait(self) -> None:
        """Drop lines from now on rather than wait for the reader."""
        self._waits = False

    def start(self) -> None:
        """Leave lines to a thread from now on; call it after the fork."""
        self._waits = False
        self._deadline = math.inf
        self._unreported = 0  # the master's, which it reports itself
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread, and wait a second at most until everything is written."""
        if self._thread is None:
            return
        self._deadline = time.monotonic() + END_SECONDS
        self._waiting.put(b"")  # wakes the thread
        # The thread keeps the deadline. Only if another process takes its room in a full pipe
        # between poll and write does it wait longer.
        self._thread.join(END_SECONDS + 2 * RECHECK_SECONDS)
        self._thread = None
        self._write_waiting(b"")  # what other threads have left since

    def _run(self) -> None:
        while self._deadline == math.inf:
            first = self._waiting.get()
            time.sleep(GATHER_SECONDS)
            self._write_waiting(first)

    def _write_waiting(self, line: bytes) -> None:
        """Write a line and all that wait, as many together as a pipe takes at once."""
        while True:
            batch, size = [line], len(line)
            following = self._next()
            while following and size + len(following) <= select.PIPE_BUF:
                batch.append(following)
                size += len(following)
                following = self._next()
            written = self._write_batch(batch)
            line = following or self._next()
            if not line:
                break
        if written:
            self._report()

    def _next(self) -> bytes:
        """Take the line that has waited longest, or nothing."""
        try:
            return self._waiting.get_nowait()
        except Empty:
            return b""

    def _write_batch(self, batch: list[bytes]) -> bool:
        written = self._written(b"".join(batch), RECHECK_SECONDS)
        if not written:
            self._drop(len(batch) - (batch[0] == b""))
        return written

    def _written(self, text: bytes, patience: float) -> bool:
        """Write as soon as there is room; give up after the deadline, or if `patience` is 0."""
        try:
            while text:
                while not self._has_room(patience):
                    if patience == 0 or time.monotonic() >= self._deadline:
                        return False
                text = text[os.write(self._descriptor, text[: select.PIPE_BUF]) :]
        except OSError:  # the reader is gone, or the disk full
            return False
        return True

    def _has_room(self, patience: float) -> bool:
        """Wait for room of at least PIPE_BUF bytes, which is what POLLOUT means for a pipe."""
        left = max(self._deadline - time.monotonic(), 0)
        poll = select.poll()
        poll.register(self._descriptor, select.POLLOUT)
        return bool(poll.poll(min(patience, left) * 1000))

    def _drop(self, lines: int) -> None:
        with self._lock:
            self._unreported += lines
        LOG_LINES_DROPPED.inc(lines)

    def _report(self) -> None:
        if self._unreported:
            with self._lock:
                dropped, self._unreported = self._unreported, 0
            log.warning("lines dropped, because the log's reader stalled: %s", dropped)


STANDARD_ERROR = LogWriter(2)


class _Lines(io.RawIOBase):
    """The writer as a file."""

    def writable(self) -> bool:
        return True

    def write(self, text: Any, /) -> int:
        line = bytes(text)
        STANDARD_ERROR.write(line)
        return len(line)


def take_over(logger: logging.Logger) -> None:
    """Never wait for the reader of standard error: this logger's handlers, and what is printed.

    Workers inherit it.
    """
    STANDARD_ERROR.never_wait()
    before = sys.stderr
    sys.stderr = io.TextIOWrapper(
        _Lines(), encoding="utf-8", errors="backslashreplace", line_buffering=True
    )
    for handler in logger.handlers:
        if isinstance(handler, logging.StreamHandler) and handler.stream is before:
            handler.setStream(sys.stderr)


def start() -> None:
    """Start the thread of a worker, which ends with the process."""
    STANDARD_ERROR.start()
    atexit.register(STANDARD_ERROR.stop)
