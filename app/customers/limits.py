"""Calls to parts that may be away: each with a time limit of its own and a circuit breaker."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from time import monotonic
from typing import TypeVar

from app.customers import RETRY_AFTER, Unavailable
from app.metrics import CIRCUIT_OPEN, DATABASE_CALLS
from app.parts import part

T = TypeVar("T")

log = logging.getLogger(__name__)

FAILURES = 3
"""Failures in a row that open a circuit."""

PLACES = 8
"""Calls at a time, in each process."""


class Breaker:
    """Keeps calls away from a part that failed FAILURES times in a row.

    Every RETRY_AFTER seconds one call, and no more than one, is let through to try. Of the
    libraries one lets every caller try at once, each of whom would wait for a frozen server, and
    another holds a lock during the call, so that calls to a sound one would queue.

    Args:
        name: of the part, for the log.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._failures = 0
        self._again = 0.0
        self.asked = False
        """Whether any call was made."""
        self._lock = threading.Lock()
        self._open = CIRCUIT_OPEN.labels(name)

    @property
    def opened(self) -> bool:
        """Whether the part counts as away."""
        return self._failures >= FAILURES

    @property
    def state(self) -> dict[str, str]:
        """What the last calls found, as `/health/ready` says it."""
        if self.opened:
            detail = f"did not answer; tried again every {RETRY_AFTER} seconds"
            return {"status": "failing", "detail": detail}
        if not self.asked:
            return {"status": "ok", "detail": "not asked yet"}
        said = "did not answer" if self._failures else "answered"
        return {"status": "ok", "detail": f"{said} when it was asked last"}

    def admits(self) -> bool:
        """Whether to make a call now; say then how it ended by `succeeded` or `failed`."""
        if not self.opened:
            return True
        with self._lock:
            now = monotonic()
            if now < self._again:
                return False
            self._again = now + RETRY_AFTER  # this one tries, the others go on
            return True

    def succeeded(self) -> None:
        """The part answered."""
        if self.opened:
            log.warning("%s answers again", self.name)
        self.asked, self._failures = True, 0
        self._open.set(0)

    def failed(self, error: Exception, waiting: int = 0) -> None:
        """The part did not answer, or that it cannot; nor has it `waiting` others for long."""
        with self._lock:
            before, self.asked = self._failures, True
            self._failures += 1 + waiting
            self._again = monotonic() + RETRY_AFTER
        if before < FAILURES <= self._failures:
            self._open.set(1)
            log.warning("%s is away: %s", self.name, _reason(error))


class Limited:
    """Runs calls in threads of their own, so that a frozen server holds no request.

    A server that is stopped rather than gone still acknowledges what it is sent, so no limit of its
    own or of the socket ends the wait. The thread that waits on it is left behind; at most `most`
    can be, and after FAILURES of them the circuit is open and hardly a call is made.

    Args:
        name: of the part, for messages.
        seconds: that a call may take, waiting for a place included.
        failures: exceptions by which the part says that it is away.
        most: calls at a time.
    """

    def __init__(
        self, name: str, seconds: float, failures: tuple[type[Exception], ...], most: int = PLACES
    ) -> None:
        self.seconds = seconds
        self.breaker = Breaker(name)
        self._name = name
        self._failures = failures
        self._places = threading.BoundedSemaphore(most)
        self._waiting: dict[int, float] = {}
        """When each thread that now waits began to."""

    def __call__(self, function: Callable[[], T]) -> T:
        """Call `function`.

        Raises:
            Unavailable: the circuit is open, the time is over, or the part says that it is away.
        """
        if not self.breaker.admits():
            raise Unavailable(f"{self._name}: not tried, it failed a moment ago")
        waiter = threading.get_ident()
        self._waiting[waiter] = monotonic()
        try:
            with part(self._name):
                answer = self._run(function)
        except Unavailable as error:
            self.breaker.failed(error, self._long_waiting(waiter))
            raise
        except self._failures as error:
            self.breaker.failed(error, self._long_waiting(waiter))
            raise Unavailable(f"{self._name}: it answered with an error") from error
        finally:
            del self._waiting[waiter]
        self.breaker.succeeded()
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

    def _run(self, function: Callable[[], T]) -> T:
        deadline = monotonic() + self.seconds
        if not self._places.acquire(timeout=self.seconds):
            raise Unavailable(f"{self._name}: every connection is busy")
        future: Future[T] = Future()
        DATABASE_CALLS.inc()

        def work() -> None:
            try:
                future.set_result(function())
            except BaseException as error:
                future.set_exception(error)
            finally:
                DATABASE_CALLS.dec()
                self._places.release()

        try:
            threading.Thread(target=work, name=self._name, daemon=True).start()
        except RuntimeError as error:  # the system has no thread left
            DATABASE_CALLS.dec()
            self._places.release()
            raise Unavailable(f"{self._name}: {error}") from error
        try:
            return future.result(max(0.0, deadline - monotonic()))
        except TimeoutError:
            if future.done():  # the call's own timeout, not ours
                raise
            raise Unavailable(f"{self._name}: no answer within {self.seconds:g} s") from None


def _reason(error: Exception) -> str:
    """The first line of what the part said: the rest may be a statement with its values."""
    cause = getattr(error, "orig", None) or error
    lines = str(cause).splitlines() or [""]
    return f"{type(cause).__name__}: {lines[0][:200]}"
