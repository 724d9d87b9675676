"""Calls to parts that may be away: each with a time limit of its own and a circuit breaker."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import TypeVar

from circuitbreaker import CircuitBreaker

from app.customers import RETRY_AFTER, Unavailable

T = TypeVar("T")

FAILURES = 3
"""Failures in a row that open a circuit."""


def breaker(name: str) -> CircuitBreaker:
    """A circuit breaker of a part."""
    return CircuitBreaker(FAILURES, RETRY_AFTER, Exception, name)


class Limited:
    """Runs calls in threads of their own, so that a frozen server holds no request.

    A server that is stopped rather than gone still acknowledges what it is sent, so no limit of its
    own or of the socket ends the wait. The thread that waits on it is left behind; at most `most`
    can be, and after FAILURES of them the circuit is open and no more calls are made.

    Args:
        name: of the part, for the message.
        seconds: that a call may take.
        failures: exceptions by which the part says that it is away.
        most: calls at a time.
    """

    def __init__(
        self, name: str, seconds: float, failures: tuple[type[Exception], ...], most: int = 8
    ) -> None:
        self.name = name
        self.seconds = seconds
        self.breaker = breaker(name)
        self._failures = failures
        self._places = threading.BoundedSemaphore(most)

    def __call__(self, function: Callable[[], T]) -> T:
        """Call `function`.

        Raises:
            Unavailable: the circuit is open, the time is over, or the part says that it is away.
        """
        if self.breaker.opened:
            raise Unavailable(f"{self.name}: not tried, it failed a moment ago")
        with self.breaker:
            try:
                return self._run(function)
            except self._failures as error:
                raise Unavailable(f"{self.name}: {type(error).__name__}") from error

    def _run(self, function: Callable[[], T]) -> T:
        if not self._places.acquire(timeout=self.seconds):
            raise Unavailable(f"{self.name}: every connection is busy")
        future: Future[T] = Future()

        def work() -> None:
            try:
                future.set_result(function())
            except BaseException as error:
                future.set_exception(error)
            finally:
                self._places.release()

        threading.Thread(target=work, name=self.name, daemon=True).start()
        try:
            return future.result(self.seconds)
        except FutureTimeoutError:
            if future.done():  # the call's own timeout, not ours
                raise
            raise Unavailable(f"{self.name}: no answer within {self.seconds:g} s") from None
