"""Runs calls in a few threads that don't keep the process from ending."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Call(Generic[T]):
    """A call that a thread makes; a quarter of the cost of a future of concurrent.futures.

    Args:
        function: what to call.
    """

    def __init__(self, function: Callable[[], T]) -> None:
        self._function = function
        self._answers: list[T] = []
        self._error: BaseException | None = None
        self._ended = threading.Lock()
        self._ended.acquire()

    def make(self) -> None:
        """Call the function."""
        try:
            self._answers.append(self._function())
        except BaseException as error:
            self._error = error

    def end(self) -> None:
        """Let the waiting caller go on."""
        self._ended.release()

    def wait(self, seconds: float) -> bool:
        """Wait for the end; return False if it doesn't come in time."""
        return self._ended.acquire(timeout=seconds)

    def result(self) -> T:
        """Return what the function returned, or raise what it raised."""
        if self._error:
            raise self._error
        return self._answers[0]


class DaemonThreads:
    """Runs each call in a free thread, which is made if there is none and kept afterwards.

    The threads of concurrent.futures are waited for at exit, so one call that hangs would keep the
    process from ending.

    Args:
        name: of the threads.
        most: calls at a time, and so threads.
    """

    def __init__(self, name: str, most: int) -> None:
        self.most = most
        self._name = name
        self._calls: SimpleQueue[Call[Any]] = SimpleQueue()
        self._running = 0
        self._threads = 0
        self._lock = threading.Lock()

    def start(self, call: Call[Any]) -> bool:
        """Start a call; return False if as many run as there may be.

        Raises:
            RuntimeError: the system has no thread left.
        """
        with self._lock:
            if self._running == self.most:
                return False
            if self._threads == self._running:
                threading.Thread(target=self._work, name=self._name, daemon=True).start()
                self._threads += 1
            self._running += 1
        self._calls.put(call)
        return True

    def _work(self) -> None:
        while True:
            call = self._calls.get()
            call.make()
            with self._lock:
                self._running -= 1
            call.end()  # after the place is free, for the caller's next call
            del call  # and with it the answer
