"""Limits how long a caller waits for a call that may hang."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from time import monotonic
from typing import TypeVar

from prometheus_client import Gauge

from app.observability.timing import timed
from app.resilience.circuit_breaker import CircuitBreaker
from app.resilience.unavailable import DependencyUnavailable

T = TypeVar("T")

MAX_CONCURRENT_CALLS = 8
"""Concurrent calls to one part, in each process."""


class TimeLimited:
    """Runs each call in a thread of its own, so that a frozen server blocks no request.

    A server that is stopped still acknowledges what it is sent, so neither its own timeout nor the
    socket's ends the wait. The waiting thread is left behind. At most `most` threads can be, and
    after FAILURE_THRESHOLD failures the circuit is open and few calls are made.

    Args:
        name: of the part, for messages.
        seconds: time limit of a call, including the wait for a thread.
        failures: exceptions that mean the part is down, besides TimeoutError.
        most: concurrent calls, including those left behind.
        in_progress: counts the calls that have not ended.
    """

    def __init__(
        self,
        name: str,
        seconds: float,
        failures: tuple[type[Exception], ...],
        most: int = MAX_CONCURRENT_CALLS,
        in_progress: Gauge | None = None,
    ) -> None:
        self.seconds = seconds
        self.breaker = CircuitBreaker(name)
        self._name = name
        self._failures: tuple[type[Exception], ...] = (*failures, TimeoutError)
        self._threads = threading.BoundedSemaphore(most)
        self._in_progress = in_progress
        self._waiting: dict[int, float] = {}
        """When each waiting caller began to wait, by thread."""

    def __call__(self, function: Callable[[], T]) -> T:
        """Call `function`.

        Raises:
            DependencyUnavailable: the circuit is open, the time limit has passed, or the call
                failed because the part is down.
        """
        generation = self.breaker.begin()
        if generation is None:
            raise DependencyUnavailable(f"{self._name}: not tried, it failed a moment ago")
        caller = threading.get_ident()
        self._waiting[caller] = monotonic()
        try:
            with timed(self._name):
                answer = self._run(function)
        except DependencyUnavailable as error:
            self.breaker.record_failure(generation, error, self._long_waiting(caller))
            raise
        except self._failures as error:
            self.breaker.record_failure(generation, error, self._long_waiting(caller))
            raise DependencyUnavailable(f"{self._name}: it answered with an error") from error
        finally:
            del self._waiting[caller]
        self.breaker.record_success(generation)
        return answer

    def _run(self, function: Callable[[], T]) -> T:
        deadline = monotonic() + self.seconds
        if not self._threads.acquire(timeout=self.seconds):
            raise DependencyUnavailable(f"{self._name}: every connection is busy")
        future: Future[T] = Future()
        self._count(1)

        def work() -> None:
            try:
                future.set_result(function())
            except BaseException as error:
                future.set_exception(error)
            finally:
                self._end()

        try:
            threading.Thread(target=work, name=self._name, daemon=True).start()
        except RuntimeError as error:  # the system has no thread left
            self._end()
            raise DependencyUnavailable(f"{self._name}: {error}") from error
        # `result` with a timeout would raise the same TimeoutError as the call itself may.
        wait((future,), max(0.0, deadline - monotonic()))
        if not future.done():
            raise DependencyUnavailable(f"{self._name}: no answer within {self.seconds:g} s")
        return future.result()

    def _end(self) -> None:
        self._count(-1)
        self._threads.release()

    def _count(self, change: int) -> None:
        if self._in_progress:
            self._in_progress.inc(change)

    def _long_waiting(self, failed: int) -> int:
        """Count the other callers that have waited for more than half of their time limit.

        They count as failures with the one that failed. Otherwise the circuit would open only after
        them, and requests that queued meanwhile would wait in turn.
        """
        late = monotonic() - self.seconds / 2
        return sum(
            since < late and caller != failed for caller, since in list(self._waiting.items())
        )
