"""What a line of the log costs the request: written at once, by the thread, by the library's."""

from __future__ import annotations

import logging
import os
import tempfile
import time
from collections.abc import Callable
from logging.handlers import QueueHandler, QueueListener
from queue import SimpleQueue
from statistics import median

from rich.console import Console

from app.observability.json_log import JSONFormatter
from app.observability.log_writer import LogWriter

LINES = 3_000
PER_SECOND = 12_000
ROUNDS = 5

_RECORD = logging.makeLogRecord(
    {
        "name": "app.requests",
        "levelname": "INFO",
        "fields": {
            "request_id": "0123456789abcdef0123456789abcdef",
            "method": "POST",
            "path": "/predict",
            "status": 200,
            "process_time_ms": 0.061,
            "validation_ms": 0.005,
            "model_ms": 0.011,
        },
    }
)


class _ToFile(logging.Handler):
    def __init__(self, write: Callable[[bytes], object]) -> None:
        super().__init__()
        self.setFormatter(JSONFormatter())
        self._write = write

    def emit(self, record: logging.LogRecord) -> None:
        self._write((self.format(record) + "\n").encode())


def run(console: Console) -> None:
    """Print the medians, for a file and for a pipe that is read."""
    console.print(f"A line of the log at {PER_SECOND:,} a second, microseconds (processor time):")
    for name, opened in (("file", _file), ("pipe", _pipe)):
        ways = {"at once": _at_once, "by the thread": _thread, "by QueueListener": _library}
        found: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
        for _ in range(ROUNDS):
            for way, measure in ways.items():
                descriptor, close = opened()
                found[way].append(measure(descriptor))
                close()
        for way, costs in found.items():
            caller, whole = (median(column) for column in zip(*costs, strict=True))
            label = f"{name}, {way}"
            console.print(f"  {label:<28}{caller:6.1f} of the caller, {whole:6.1f} of the process")


def _file() -> tuple[int, Callable[[], None]]:
    descriptor = os.open(tempfile.gettempdir(), os.O_TMPFILE | os.O_WRONLY)
    return descriptor, lambda: os.close(descriptor)


def _pipe() -> tuple[int, Callable[[], None]]:
    out, into = os.pipe()
    reader = os.fork()
    if reader == 0:  # another process, as it is with a service
        os.close(into)
        while os.read(out, 65536):
            pass
        os._exit(0)
    os.close(out)

    def close() -> None:
        os.close(into)
        os.waitpid(reader, 0)

    return into, close


def _at_once(descriptor: int) -> tuple[float, float]:
    return _cost(_ToFile(lambda line: os.write(descriptor, line)), lambda: None)


def _thread(descriptor: int) -> tuple[float, float]:
    writer = LogWriter(descriptor)
    writer.start()
    return _cost(_ToFile(writer.write), writer.stop)


def _library(descriptor: int) -> tuple[float, float]:
    queue: SimpleQueue[logging.LogRecord] = SimpleQueue()
    listener = QueueListener(queue, _ToFile(lambda line: os.write(descriptor, line)))  # type: ignore[arg-type]
    listener.start()
    return _cost(QueueHandler(queue), listener.stop)  # type: ignore[arg-type]


def _cost(handler: logging.Handler, stop: Callable[[], None]) -> tuple[float, float]:
    """Processor time of the thread that logs, and of the whole process, per line."""
    process, caller = time.process_time(), 0.0
    begun = time.perf_counter()
    spun = 0.0
    for number in range(LINES):
        due = begun + number / PER_SECOND
        before = time.thread_time()
        while time.perf_counter() < due:
            pass
        after = time.thread_time()
        handler.handle(_RECORD)
        caller += time.thread_time() - after
        spun += after - before
    stop()
    return caller / LINES * 1e6, (time.process_time() - process - spun) / LINES * 1e6


if __name__ == "__main__":
    run(Console(width=120))
