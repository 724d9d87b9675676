"""Limits how long a caller waits for a call that may hang."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from typing import TypeVar

from prometheus_client import Gauge

from app.observability.metrics import REFUSED_BUSY
from app.observability.timing import timed
from app.resilience.circuit_breaker import FAILURE_THRESHOLD, CircuitBreaker
from app.resilience.daemon_threads import Call, DaemonThreads
from app.resilience.unavailable import DependencyBusy, DependencyUnavailable

T = TypeVar("T")

MAX_CONCURRENT_CALLS = 8
"""Concurrent calls to one part, in each process, including those given up that have not ended."""


class TimeLimited:
    """Runs each call to another process in a thread, so that none of them blocks a request.

    No other limit covers all of a call. A server that is stopped still acknowledges what it is
    sent, an answer may trickle, and resolving a name takes as long as the system's resolver likes.
    The thread of a call that is given up is left behind, and counts until the call ends. After
    `threshold` failures the circuit is open and few calls are made.

    Args:
        name: of the part, for messages.
        seconds: time limit of a call.
        failures: exceptions that mean the part is down, besides TimeoutError.
        most: concurrent calls, including those left behind; beyond them a call is refused at once.
        threshold: failures in a row that open the circuit.
        in_progress: counts the calls that have not ended.
    """

    def __init__(  # noqa: PLR0917
        self,
        name: str,
        seconds: float,
        failures: tuple[type[Exception], ...],
        most: int = MAX_CONCURRENT_CALLS,
        threshold: int = FAILURE_THRESHOLD,
        in_progress: Gauge | None = None,
    ) -> None:
        self.seconds = seconds
        self.breaker = CircuitBreaker(name, threshold)
        self._name = name
        self._failures: tuple[type[Exception], ...] = (*failures, TimeoutError)
        self._threads = DaemonThreads(name, most)
        self._in_progress = in_progress
        self._refused = REFUSED_BUSY.labels(name)
        self._waiting: dict[int, float] = {}
        """When each waiting caller began to wait, by thread."""

    def __call__(self, function: Callable[[], T], seconds: float | None = None) -> T:
        """Call `function`, unless the circuit is open.

        Args:
            function: the call.
            seconds: another time limit for it.

        Raises:
            DependencyUnavailable: the circuit is open, the time limit has passed, or the call
                failed because the part is down.
            DependencyBusy: too many calls are in progress.
        """
        generation = self.breaker.begin()
        if generation is None:
            raise DependencyUnavailable(f"{self._name}: not tried, it failed a moment ago")
        caller = threading.get_ident()
        self._waiting[caller] = monotonic()
        try:
            with timed(self._name):
                answer = self.run(function, seconds)
        except DependencyBusy:
            raise
        except DependencyUnavailable as error:
            self.breaker.record_failure(generation, error, self._long_waiting(caller))
            raise
        except self._failures as error:
            self.breaker.record_failure(generation, error, self._long_waiting(caller))
            raise DependencyUnavailable(f"{self._name}: the call failed") from error
        finally:
            del self._waiting[caller]
        self.breaker.record_success(generation)
        return answer

    def run(self, function: Callable[[], T], seconds: float | None = None) -> T:
        """Call `function`, whatever the circuit's state, and raise what it raises.

        Raises:
            DependencyUnavailable: the time limit has passed.
            DependencyBusy: too many calls are in progress.
        """
        limit = self.seconds if seconds is None else seconds
        call = Call(self._counted(function))
        try:
            if not self._threads.start(call):
                self._refused.inc()
                raise DependencyBusy(f"{self._name}: busy with {self._threads.most} calls")
        except RuntimeError as error:  # the system has no thread left
            raise DependencyUnavailable(f"{self._name}: {error}") from error
        if not call.wait(limit):
            # A shorter limit than ours is what is left of it to a request.
            allowed = max(limit, self.seconds)
            raise DependencyUnavailable(f"{self._name}: no answer within {allowed:g} s")
        return call.result()

    def _counted(self, function: Callable[[], T]) -> Callable[[], T]:
        gauge = self._in_progress
        if gauge is None:
            return function

        def counted() -> T:
            with gauge.track_inprogress():
                return function()

        return counted

    def _long_waiting(self, failed: int) -> int:
        """Count the other callers that have waited for more than half of their time limit.

        They count as failures with the one that failed. Otherwise the circuit would open only after
        them, and requests that queued meanwhile would wait in turn.
        """
        late = monotonic() - self.seconds / 2
        return sum(
            since < late and caller != failed for caller, since in list(self._waiting.items())
        )
