"""Runs calls in threads of their own, so that a call that hangs holds nobody."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from time import monotonic
from typing import TypeVar

from prometheus_client import Gauge

from app.observability.metrics import DATABASE_CALLS
from app.observability.timing import timed
from app.resilience.circuit_breaker import CircuitBreaker
from app.resilience.unavailable import DependencyUnavailable

T = TypeVar("T")

MAX_CONCURRENT_CALLS = 8
"""Calls at a time, in each process."""


class BoundedCalls:
    """Runs a few calls at a time, each in a thread of its own that is left behind at a deadline.

    Args:
        name: of the part, for messages.
        most: calls at a time, those left behind included.
        in_progress: counts the calls that have not ended.
    """

    def __init__(self, name: str, most: int, in_progress: Gauge | None = None) -> None:
        self._name = name
        self._places = threading.BoundedSemaphore(most)
        self._in_progress = in_progress

    def run(self, function: Callable[[], T], seconds: float) -> T:
        """Call `function`; raises what it raises.

        Args:
            function: what to call.
            seconds: that it may take, waiting for a place included.

        Raises:
            DependencyUnavailable: the time is over, or the system has no thread left.
        """
        deadline = monotonic() + seconds
        if not self._places.acquire(timeout=seconds):
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
        # Not `result` with a time limit: the call's own TimeoutError looks like that of the wait.
        wait((future,), max(0.0, deadline - monotonic()))
        if not future.done():
            raise DependencyUnavailable(f"{self._name}: no answer within {seconds:g} s")
        return future.result()

    def _end(self) -> None:
        self._count(-1)
        self._places.release()

    def _count(self, change: int) -> None:
        if self._in_progress:
            self._in_progress.inc(change)


class TimeLimited:
    """Runs calls in threads of their own, so that a frozen server holds no request.

    A server that is stopped rather than gone still acknowledges what it is sent, so no limit of its
    own or of the socket ends the wait. The thread that waits on it is left behind; at most `most`
    can be, and after FAILURE_THRESHOLD of them the circuit is open and hardly a call is made.

    Args:
        name: of the part, for messages.
        seconds: that a call may take, waiting for a place included.
        failures: exceptions by which the part says that it is away, beside TimeoutError.
        most: calls at a time.
    """

    def __init__(
        self,
        name: str,
        seconds: float,
        failures: tuple[type[Exception], ...],
        most: int = MAX_CONCURRENT_CALLS,
    ) -> None:
        self.seconds = seconds
        self.breaker = CircuitBreaker(name)
        self._name = name
        self._failures: tuple[type[Exception], ...] = (*failures, TimeoutError)
        self._calls = BoundedCalls(name, most, DATABASE_CALLS)
        self._waiting: dict[int, float] = {}
        """When each thread that now waits began to."""

    def __call__(self, function: Callable[[], T]) -> T:
        """Call `function`.

        Raises:
            DependencyUnavailable: the circuit is open, the time is over, or the part says that it
                is away.
        """
        generation = self.breaker.begin()
        if generation is None:
            raise DependencyUnavailable(f"{self._name}: not tried, it failed a moment ago")
        waiter = threading.get_ident()
        self._waiting[waiter] = monotonic()
        try:
            with timed(self._name):
                answer = self._calls.run(function, self.seconds)
        except DependencyUnavailable as error:
            self.breaker.record_failure(generation, error, self._long_waiting(waiter))
            raise
        except self._failures as error:
            self.breaker.record_failure(generation, error, self._long_waiting(waiter))
            raise DependencyUnavailable(f"{self._name}: it answered with an error") from error
        finally:
            del self._waiting[waiter]
        self.breaker.record_success(generation)
        return answer

    def _long_waiting(self, failed: int) -> int:
        """How many others have waited for more than half of their time.

        They count with the one that failed: were the circuit open only after them, requests that
        queued while they held the worker's threads would wait once more.
        """
        late = monotonic() - self.seconds / 2
        return sum(
            since < late and waiter != failed for waiter, since in list(self._waiting.items())
        )
