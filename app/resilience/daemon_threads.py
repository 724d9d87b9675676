"""Runs calls in a few threads that don't keep the process from ending."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")


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
        self._calls: SimpleQueue[tuple[Callable[[], Any], Future[Any]]] = SimpleQueue()
        self._running = 0
        self._threads = 0
        self._lock = threading.Lock()

    def submit(self, function: Callable[[], T]) -> Future[T] | None:
        """Start a call; return None if as many run as there may be.

        Raises:
            RuntimeError: the system has no thread left.
        """
        with self._lock:
            if self._running == self.most:
                return None
            if self._threads == self._running:
                threading.Thread(target=self._work, name=self._name, daemon=True).start()
                self._threads += 1
            self._running += 1
        future: Future[T] = Future()
        self._calls.put((function, future))
        return future

    def _work(self) -> None:
        while True:
            self._run(*self._calls.get())

    def _run(self, function: Callable[[], T], future: Future[T]) -> None:
        # Free before the caller knows: its next call needs no other thread.
        try:
            answer = function()
        except BaseException as error:
            self._end()
            future.set_exception(error)
        else:
            self._end()
            future.set_result(answer)

    def _end(self) -> None:
        with self._lock:
            self._running -= 1
